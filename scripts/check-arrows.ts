/**
 * `npm run check:arrows`: holds the import arrows of .dependency-cruiser.mjs, and says what it has read. A checker
 * that reads nothing finds nothing, so each source file that it did not read, or whose imports it did not see, is a
 * failure of its own.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type IConfiguration, type ICruiseResult } from 'dependency-cruiser'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const IGNORED = new Set(['node_modules', 'dist', 'coverage', 'tools'])
const SOURCE = /\.[cm]?[jt]sx?$/
/** Code whose arrows matter: tests, benches and scripts may import what they like. */
const BOUND = /^(?:bin|cli|specs|schemas|suites|load|fixtures|reports)\//
/** Whatever reads like a relative import; text in a comment that does is reworded more cheaply than parsed. */
const RELATIVE = /\b(?:from|import)\s*\(?\s*(['"])(\.[^'"\n]+)\1/g

/** What the cruise of one tree gave. Paths are relative to its root. */
export interface Arrows {
  modules: number
  violations: { rule: string; from: string; to: string; comment: string }[]
  /** Source files that were not read, and relative imports (`file: specifier`) that the parser did not see. */
  unread: string[]
}

/** Cruises the sources below `root` with the rules of this repository. */
export async function readArrows(root: string): Promise<Arrows> {
  const { forbidden, options }: IConfiguration = (await import(join(ROOT, '.dependency-cruiser.mjs'))).default
  if (forbidden === undefined) throw new Error('.dependency-cruiser.mjs has no rules')
  const files = sources(root)
  const report = await cruise(files, { ...options, ruleSet: { forbidden }, validate: true, baseDir: root })
  if (typeof report.output === 'string')
    throw new Error('dependency-cruiser gave text where a result was asked for')
  const { modules, summary }: ICruiseResult = report.output
  const comments = new Map(forbidden.map(({ name, comment }) => [name, comment ?? '']))
  const seen = new Map(
    modules.map(({ source, dependencies }) => [source, dependencies.map(({ module }) => module)]),
  )
  return {
    modules: files.filter((file) => seen.has(file)).length,
    violations: summary.violations.map(({ rule, from, to }) => {
      return { rule: rule.name, from, to, comment: comments.get(rule.name) ?? '' }
    }),
    unread: unread(root, files, seen),
  }
}

/** The files that a cruise passed over, given the specifiers that it saw in each file that it read. */
export function unread(root: string, files: string[], seen: Map<string, string[]>): string[] {
  return files.flatMap((file) => {
    const imports = seen.get(file)
    if (imports === undefined) return [file]
    const written = BOUND.test(file) ? relativeImports(readFileSync(join(root, file), 'utf8')) : []
    return written
      .filter((specifier) => !imports.includes(specifier))
      .map((specifier) => `${file}: ${specifier}`)
  })
}

function relativeImports(text: string): string[] {
  return [...text.matchAll(RELATIVE)].map((match) => match[2] ?? '')
}

function sources(root: string, folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory())
      return IGNORED.has(entry.name) || entry.name.startsWith('.') ? [] : sources(root, path)
    return SOURCE.test(entry.name) ? [relative(root, path).split(sep).join('/')] : []
  })
}

if (import.meta.main) {
  const { modules, violations, unread } = await readArrows(ROOT)
  for (const { rule, from, to, comment } of violations) console.error(`${rule}: ${from} → ${to} (${comment})`)
  for (const file of unread) console.error(`not read: ${file}`)
  console.log(`${modules} source files read, ${violations.length} forbidden imports, ${unread.length} unread`)
  if (modules === 0 || violations.length > 0 || unread.length > 0) process.exitCode = 1
}
