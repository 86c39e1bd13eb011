/**
 * The import arrows, as docs/design.md draws them. `npm run check:arrows` holds them; tests/house/arrows.test.ts
 * plants one forbidden import per rule and sees it fail.
 */

const FOLDERS = [
  'cli',
  'specs',
  'schemas',
  'suites',
  'load',
  'fixtures',
  'reports',
  'tests',
  'bench',
  'scripts',
]

/** A pattern for everything of ours outside the folders (or parts of folders) named. */
const anythingBut = (...allowed) => `^(?!(${allowed.join('|')})/)(${FOLDERS.join('|')})/`

const mayImport = (folder, ...allowed) => ({
  name: `${folder.replace('/', '-')}-arrows`,
  comment: `${folder} may import of ours only: ${[folder, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: { path: anythingBut(folder, ...allowed) },
})

/** Shipped code; the vitest door for people is not part of it. */
const SHIPPED = '^(bin|cli|specs|schemas|suites|load|fixtures|reports)/'
const VITEST_DOOR = '(\\.suite\\.ts|vitest\\.config\\.ts)$'

export default {
  forbidden: [
    mayImport('specs', 'reports/record'),
    mayImport('schemas'),
    mayImport('suites', 'specs', 'schemas', 'reports/record'),
    mayImport('load', 'specs', 'schemas', 'reports/record'),
    mayImport('fixtures', 'specs'),
    mayImport('reports'),
    mayImport('reports/record'),
    {
      name: 'nobody-imports-the-cli',
      comment: 'Only the door, tests, benches and scripts start the command line.',
      severity: 'error',
      from: { pathNot: '^(bin|cli|tests|bench|scripts)/' },
      to: { path: '^(bin|cli)/' },
    },
    {
      name: 'nobody-imports-tests-bench-scripts',
      comment: 'What is not shipped is imported only by what is not shipped.',
      severity: 'error',
      from: { pathNot: '^(tests|bench|scripts)/' },
      to: { path: '^(tests|bench|scripts)/' },
    },
    {
      name: 'no-cycle',
      comment:
        'Two files that need each other at run time are one subject, or the shared part is a third file.',
      severity: 'error',
      from: {},
      // `import type` is gone when the code runs: a file may hold the types that its own parts are written against.
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-to-dev-dep',
      comment: 'An installed package has no development dependencies.',
      severity: 'error',
      from: { path: SHIPPED, pathNot: VITEST_DOOR },
      // The types of k6's own modules: an import of them is gone, or is k6's, when the code runs.
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/k6/' },
    },
    {
      name: 'only-declared-packages',
      comment: 'A package that package.json does not name is there by accident.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolvable',
      comment: 'An import that cannot be followed could hide an arrow.',
      severity: 'error',
      from: { pathNot: '^load/scenarios/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'scenarios-need-only-k6',
      comment: 'k6 itself provides the modules k6 and k6/*; nothing else is there when a scenario runs.',
      severity: 'error',
      from: { path: '^load/scenarios/' },
      to: { couldNotResolve: true, pathNot: '^k6(/|$)' },
    },
    {
      name: 'runs-inside-k6',
      comment: 'k6 has no modules of Node: scenarios, and the inference that they drive, use none.',
      severity: 'error',
      from: { path: '^load/(scenarios|infer)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'stock-k6-runs-the-limits',
      comment: 'load/scenarios/limits must run on a k6 without our extension.',
      severity: 'error',
      from: { path: '^load/scenarios/limits/' },
      to: { path: '^k6/x/' },
    },
  ],
  options: {
    // TypeScript 7 has no API for dependency-cruiser; with its own choice of parser it reads no .ts file at all.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|coverage)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
}
