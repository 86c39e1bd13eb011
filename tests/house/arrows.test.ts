import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { IConfiguration } from 'dependency-cruiser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Arrows, readArrows, unread } from '../../scripts/check-arrows.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

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

/** What each folder may import of ours, written out a second time and in other words than the rules. */
const MAY: Record<string, string[]> = {
  specs: ['reports/record'],
  schemas: [],
  suites: ['specs', 'schemas', 'reports/record'],
  load: ['specs', 'schemas', 'reports/record'],
  fixtures: ['specs'],
  reports: ['reports/record'],
  'reports/record': [],
  cli: ['specs', 'schemas', 'suites', 'load', 'fixtures', 'reports', 'reports/record'],
}

interface Planted {
  file: string
  text: string
  /** Names of the rules that must fail on it, sorted. */
  rules: string[]
}

/** `from` imports `to`: one file of its own for each pair. */
function pair(from: string, to: string, rules: string[]): Planted {
  const up = '../'.repeat(from.split('/').length)
  return {
    file: `${from}/to-${to.replace('/', '-')}.ts`,
    text: `import { it } from '${up}${to}/it.ts'\nexport const seen = it\n`,
    rules,
  }
}

const places = [...Object.keys(MAY), 'tests', 'bench', 'scripts']
const pairs = Object.keys(MAY).flatMap((from) =>
  places
    .filter((to) => to !== from)
    .map((to) => {
      const rules: string[] = []
      if (from !== 'cli' && !MAY[from]?.includes(to)) rules.push(`${from.replace('/', '-')}-arrows`)
      // What stands in reports/record is bound by the law of reports as well.
      if (from === 'reports/record' && to !== 'reports') rules.push('reports-arrows')
      if (from !== 'cli' && to === 'cli') rules.push('nobody-imports-the-cli')
      if (['tests', 'bench', 'scripts'].includes(to)) rules.push('nobody-imports-tests-bench-scripts')
      return pair(from, to, rules.sort())
    }),
)
const open = ['tests', 'bench', 'scripts'].flatMap((from) =>
  places.filter((to) => to !== from).map((to) => pair(from, to, [])),
)

const others: Planted[] = [
  { file: 'specs/cycle-a.ts', text: `import './cycle-b.ts'\n`, rules: ['no-cycle'] },
  // A cycle is named once, at its first file.
  { file: 'specs/cycle-b.ts', text: `import './cycle-a.ts'\n`, rules: [] },
  { file: 'specs/types-a.ts', text: `import './types-b.ts'\n`, rules: [] },
  { file: 'specs/types-b.ts', text: `import type { a } from './types-a.ts'\nexport type b = a\n`, rules: [] },
  { file: 'specs/long-a.ts', text: `export * from './long-b.ts'\n`, rules: ['no-cycle'] },
  { file: 'specs/long-b.ts', text: `import { type a, b } from './long-c.ts'\nexport { b }\n`, rules: [] },
  { file: 'specs/long-c.ts', text: `export const load = () => import('./long-a.ts')\n`, rules: [] },
  { file: 'suites/dev.ts', text: `import 'planted-dev'\n`, rules: ['not-to-dev-dep'] },
  {
    file: 'suites/dev-type.ts',
    text: `import type { a } from 'planted-dev'\nexport type b = a\n`,
    rules: ['not-to-dev-dep'],
  },
  { file: 'suites/prod.ts', text: `import 'planted-prod'\n`, rules: [] },
  { file: 'suites/door.suite.ts', text: `import 'planted-dev'\n`, rules: [] },
  { file: 'tests/dev.ts', text: `import 'planted-dev'\n`, rules: [] },
  { file: 'suites/undeclared.ts', text: `import 'planted-undeclared'\n`, rules: ['only-declared-packages'] },
  { file: 'suites/nowhere.ts', text: `import './nowhere-at-all.ts'\n`, rules: ['no-unresolvable'] },
  {
    file: 'suites/json.ts',
    text: `import a from './data.json' with { type: 'json' }\nexport { a }\n`,
    rules: [],
  },
  { file: 'suites/builtin.ts', text: `import 'node:fs'\n`, rules: [] },
  { file: 'load/scenarios/stream/k6.ts', text: `import 'k6'\nimport 'k6/http'\n`, rules: [] },
  { file: 'load/scenarios/stream/ours.ts', text: `import 'k6/x/assay'\n`, rules: [] },
  { file: 'load/scenarios/stream/nowhere.ts', text: `import './no.ts'\n`, rules: ['scenarios-need-only-k6'] },
  {
    file: 'load/scenarios/limits/ours.ts',
    text: `import 'k6/x/assay'\n`,
    rules: ['stock-k6-runs-the-limits'],
  },
  { file: 'load/scenarios/limits/builtin.ts', text: `import 'node:fs'\n`, rules: ['runs-inside-k6'] },
  { file: 'load/infer/builtin.ts', text: `import 'node:fs'\n`, rules: ['runs-inside-k6'] },
]

const to = `'../fixtures/it.ts'`
const kinds: Planted[] = [
  ['type', `import type { It } from ${to}\nexport type A = It\n`],
  ['inline-type', `import { type It } from ${to}\nexport type A = It\n`],
  ['lazy', `export const a = () => import(${to})\n`],
  ['again', `export { it } from ${to}\n`],
  ['star', `export * from ${to}\n`],
  ['type-star', `export type * from ${to}\n`],
  ['effect', `import ${to}\n`],
].map(([kind, text]) => ({ file: `suites/by-${kind}.ts`, text: text ?? '', rules: ['suites-arrows'] }))

/** The parser is blind to it; `unread` names it. */
const typeExpression = {
  file: 'suites/by-type-expression.ts',
  text: `export type A = import(${to}).It\n`,
  rules: [],
}

const planted = [typeExpression, ...pairs, ...open, ...others, ...kinds]

describe('the import arrows', () => {
  let tree: string
  let arrows: Arrows

  beforeAll(async () => {
    tree = mkdtempSync(join(tmpdir(), 'assay-arrows-'))
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(tree, file)), { recursive: true })
      writeFileSync(join(tree, file), text)
    }
    for (const place of places) write(`${place}/it.ts`, 'export const it = 1\nexport type It = typeof it\n')
    for (const { file, text } of planted) write(file, text)
    write('suites/data.json', '{}')
    for (const name of ['planted-dev', 'planted-prod', 'planted-undeclared']) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
      write(`node_modules/${name}/index.js`, 'module.exports = {}\n')
    }
    const dependencies = { 'planted-prod': '1.0.0' }
    const devDependencies = { 'planted-dev': '1.0.0' }
    write('package.json', JSON.stringify({ name: 'tree', type: 'module', dependencies, devDependencies }))
    arrows = await readArrows(tree)
  })

  afterAll(() => rmSync(tree, { recursive: true, force: true }))

  it.each(planted)('$file: $rules', ({ file, rules }) => {
    const failed = arrows.violations.filter(({ from }) => from === file).map(({ rule }) => rule)
    expect([...new Set(failed)].sort()).toEqual(rules)
  })

  it('reads every file of the tree, and names the one kind of import that the parser does not see', () => {
    expect(arrows.unread).toEqual(['suites/by-type-expression.ts: ../fixtures/it.ts'])
    expect(arrows.modules).toBe(planted.length + places.length)
  })

  it('has a planted import for every rule', async () => {
    const config: IConfiguration = (await import(join(ROOT, '.dependency-cruiser.mjs'))).default
    const names = (config.forbidden ?? []).map(({ name }) => name)
    expect(names.sort()).toEqual([...new Set(planted.flatMap(({ rules }) => rules))].sort())
  })

  it('is not content with a parser that reads nothing, or reads files and sees no imports', () => {
    const files = ['suites/by-type.ts', 'suites/it.ts']
    expect(unread(tree, files, new Map())).toEqual(files)
    const blind = new Map(files.map((file) => [file, []]))
    expect(unread(tree, files, blind)).toEqual(['suites/by-type.ts: ../fixtures/it.ts'])
  })

  it('holds in this tree', async () => {
    const { modules, violations, unread } = await readArrows(ROOT)
    expect({ violations, unread }).toEqual({ violations: [], unread: [] })
    expect(modules).toBeGreaterThan(FOLDERS.length)
  })
})
