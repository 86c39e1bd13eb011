import type { By, Json } from '../../reports/record/types.ts'
import { type MessageKind, type SchemaNode, type TierName, tierDocument } from '../../schemas/documents.ts'
import type { DialectPromise } from '../../specs/types.ts'
import { judge, validators } from './validate.ts'

/** A place where a message has less than a tier asks for. */
export interface TierFinding {
  /** JSON Pointer: of the value, or of the object that lacks the key. */
  pointer: string
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
  const rows = (kind === 'request' ? undefined : document[kind]) ?? []
  const found: TierFinding[] = []
  for (const [number, row] of rows.entries()) {
    const said = { by: document.by as By, source: row.source, why: row.why ?? document.why }
    const pairs = validatorsOf(dialect, tier, kind, number, row.schema)
    for (const { holder, key, pointer } of holders(value, row.path)) {
      if (Object.entries(row.when ?? {}).some(([name, word]) => own(holder, name) !== word)) continue
      const inside = own(holder, key)
      if (inside === undefined) {
        if (row.required) found.push({ pointer, expected: `the key "${key}"`, got: 'no such key', ...said })
        continue
      }
      const wrong = pairs === undefined ? undefined : judge(pairs, inside)[0]
      if (wrong !== undefined) {
        found.push({
          pointer: `${pointer}/${pointerToken(key)}`,
          expected: wrong.expected,
          got: wrong.got,
          ...said,
        })
      }
    }
  }
  return found
}

function validatorsOf(
  dialect: string,
  tier: string,
  kind: string,
  row: number,
  schema: SchemaNode | undefined,
) {
  return schema === undefined ? undefined : validators(`${dialect}/${tier}/${kind}/${row}`, schema)
}

/** What a message lacks of the keys that a profile promises (`DialectPromise.response`, `.chunk`). */
export function requiredFindings(paths: DialectPromise['response'], value: Json): RequiredFinding[] {
  const found: RequiredFinding[] = []
  for (const [path, { requirements, contradiction }] of Object.entries(paths)) {
    for (const { holder, key, pointer } of holders(value, path)) {
      if (own(holder, key) !== undefined) continue
      const finding: RequiredFinding = {
        pointer,
        path,
        expected: `the key "${key}"`,
        got: 'no such key',
        requirements,
      }
      found.push(contradiction === undefined ? finding : { ...finding, contradiction })
    }
  }
  return found
}

interface Holder {
  holder: { [key: string]: Json }
  key: string
  pointer: string
}

/** Every object of the message that would hold the last key of a path. A path without the last key is no holder. */
function* holders(value: Json, path: string): Generator<Holder> {
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let here: { value: Json; pointer: string }[] = [{ value, pointer: '' }]
  for (const step of keys) {
    const many = step.endsWith('[]')
    const key = many ? step.slice(0, -2) : step
    const next: typeof here = []
    for (const one of here) {
      const inside = isObject(one.value) ? own(one.value, key) : undefined
      const pointer = `${one.pointer}/${pointerToken(key)}`
      if (inside === undefined) continue
      if (!many) next.push({ value: inside, pointer })
      else if (Array.isArray(inside)) {
        for (const [i, element] of inside.entries()) next.push({ value: element, pointer: `${pointer}/${i}` })
      }
    }
    here = next
  }
  for (const one of here) {
    if (isObject(one.value)) yield { holder: one.value, key: last.replace(/\[\]$/, ''), pointer: one.pointer }
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
