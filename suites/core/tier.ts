import type { By, Json } from '../../reports/record/types.ts'
import { type MessageKind, type TierName, tierDocument } from '../../schemas/documents.ts'
import type { Row, Rows } from '../../schemas/types/tier.ts'
import type { DialectPromise } from '../../specs/types.ts'
import { judge, validators } from './validate.ts'

/** A place where a message has less than a tier asks for. */
export interface TierFinding {
  /** JSON Pointer: of the value, or of the object that lacks the key. */
  pointer: string
  /** The key, where there is none. */
  missing?: string
  expected: string
  got: string
  by: By
  source: string
  why: string
}

/** A key that the profile's documents promise and that is not there. */
export interface RequiredFinding {
  pointer: string
  /** The promised path, such as `choices[].message.content`. */
  path: string
  expected: string
  got: string
  requirements: string[]
  contradiction?: string
}

/** What a message lacks of a tier. A missing key is reported where its holder is, once, and not below it. */
export function tierFindings(dialect: string, tier: TierName, kind: MessageKind, value: Json): TierFinding[] {
  const document = tierDocument(dialect, tier)
  const rows = kind === 'request' ? undefined : document[kind]
  if (rows === undefined) return []
  const found: TierFinding[] = []
  for (const { holder, key, pointer, said: row } of places(tierTree(rows), value)) {
    if (Object.entries(row.when ?? {}).some(([name, word]) => own(holder, name) !== word)) continue
    if (row.within !== undefined && !within(value, row.within)) continue
    const said = { by: document.by as By, source: row.source, why: row.why ?? document.why }
    const inside = own(holder, key)
    if (inside === undefined) {
      if (!row.required) continue
      found.push({ pointer, missing: key, expected: `the key "${key}"`, got: 'no such key', ...said })
    } else if (row.schema !== undefined) {
      const name = `${dialect}/${tier}/${kind}/${rows.indexOf(row)}`
      const wrong = judge(validators(name, row.schema), inside)[0]
      if (wrong === undefined) continue
      found.push({
        pointer: `${pointer}/${pointerToken(key)}`,
        expected: wrong.expected,
        got: wrong.got,
        ...said,
      })
    }
  }
  return found
}

function within(value: Json, words: Record<string, string>): boolean {
  return isObject(value) && Object.entries(words).every(([name, word]) => own(value, name) === word)
}

type Promised = DialectPromise['response']

/** What a message lacks of the keys that a profile promises (`DialectPromise.response`, `.chunk`). */
export function requiredFindings(paths: Promised, value: Json): RequiredFinding[] {
  const found: RequiredFinding[] = []
  for (const { holder, key, pointer, said: path } of places(promisedTree(paths), value)) {
    const promise = paths[path]
    if (promise === undefined || own(holder, key) !== undefined) continue
    const { requirements, contradiction } = promise
    const expected = `the key "${key}"`
    const finding: RequiredFinding = { pointer, path, expected, got: 'no such key', requirements }
    found.push(contradiction === undefined ? finding : { ...finding, contradiction })
  }
  return found
}

/** Paths as a tree: what is said of the keys of an object, and the ways further down. */
interface Tree<Said> {
  keys: { key: string; said: Said }[]
  ways: { key: string; many: boolean; tree: Tree<Said> }[]
}

const tierTrees = new WeakMap<Rows, Tree<Row>>()
const promisedTrees = new WeakMap<Promised, Tree<string>>()

function tierTree(rows: Rows): Tree<Row> {
  const known = tierTrees.get(rows)
  if (known !== undefined) return known
  const tree = grow(rows.map((row) => [row.path, row]))
  tierTrees.set(rows, tree)
  return tree
}

function promisedTree(paths: Promised): Tree<string> {
  const known = promisedTrees.get(paths)
  if (known !== undefined) return known
  const tree = grow(Object.keys(paths).map((path) => [path, path]))
  promisedTrees.set(paths, tree)
  return tree
}

function grow<Said>(all: [path: string, said: Said][]): Tree<Said> {
  const root: Tree<Said> = { keys: [], ways: [] }
  for (const [path, said] of all) {
    const steps = path.split('.')
    const last = steps.pop() ?? ''
    let here = root
    for (const step of steps) {
      const many = step.endsWith('[]')
      const key = many ? step.slice(0, -2) : step
      let way = here.ways.find((w) => w.key === key && w.many === many)
      if (way === undefined) {
        way = { key, many, tree: { keys: [], ways: [] } }
        here.ways.push(way)
      }
      here = way.tree
    }
    here.keys.push({ key: last.replace(/\[\]$/, ''), said })
  }
  return root
}

interface PlaceOf<Said> {
  holder: { [key: string]: Json }
  key: string
  pointer: string
  said: Said
}

/** Every object of the message that would hold the last key of a path, holders before what they hold. */
function* places<Said>(root: Tree<Said>, value: Json): Generator<PlaceOf<Said>> {
  const open = [{ tree: root, value, pointer: '' }]
  for (const { tree, value: holder, pointer } of open) {
    if (!isObject(holder)) continue
    for (const { key, said } of tree.keys) yield { holder, key, pointer, said }
    for (const way of tree.ways) {
      const inside = own(holder, way.key)
      if (typeof inside !== 'object' || inside === null) continue
      const at = `${pointer}/${pointerToken(way.key)}`
      if (!way.many) open.push({ tree: way.tree, value: inside, pointer: at })
      else if (Array.isArray(inside)) {
        for (const [i, element] of inside.entries())
          open.push({ tree: way.tree, value: element, pointer: `${at}/${i}` })
      }
    }
  }
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(object: { [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function pointerToken(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
