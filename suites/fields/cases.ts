import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { FieldPromise } from '../../specs/types.ts'
import type { Ground } from '../core/check.ts'
import { canonical } from '../core/digest.ts'
import { type FieldSpec, requestFields } from '../core/schema.ts'
import type { StreamView } from '../core/stream-view.ts'
import { type Case, join, NOTHING } from './compose.ts'
import { goneFields, isRefused, parentOf } from './gone.ts'
import type { FieldKit, Patch } from './kit.ts'
import type { Sample } from './sample.ts'

/** Valid values of all fields, as far as the model can take them, by path; the first of a path is its carrier. */
export function casesFor<V extends StreamView>(ground: Ground, kit: FieldKit<V>): Map<string, Case[]> {
  const fields = new Map(requestFields(kit.dialect).map((field) => [field.path, field]))
  const { promise, capabilities } = ground
  const official = ground.profile.documents.includes(kit.vendor)
  const gone = goneFields(kit.dialect, promise)
  /** Nobody asks what becomes of a field that is gone, but where a document says it; and nothing rests on one. */
  const stands = ({ path }: FieldSpec, sample: Sample): boolean =>
    (!gone.has(path) || promise.fields[path] !== undefined) &&
    needsOf(path, sample).every((need) => !gone.has(need))
  const built = new Map<string, Case[]>()
  const casesOf = (path: string): Case[] => {
    const before = built.get(path)
    if (before !== undefined) return before
    const field = fields.get(path)
    if (field === undefined) throw new Error(`no field ${path} in the request schema`)
    const told = promise.fields[path]
    const all = samplesOf(field, told, kit).filter((sample) => stands(field, sample))
    const able = all.filter(({ capability }) => capability === undefined || capabilities.includes(capability))
    // What is promised for other models only keeps its questions, which do not apply to this one.
    const asked = able.length === 0 && told !== undefined ? all : able
    // Where nothing says that each value is refused, one tells whether the field is taken after all.
    const one = told?.fate === 'unsupported' && !isRefused(told)
    const list = (one ? asked.slice(0, 1) : asked).map((sample) => build(field, sample, casesOf))
    for (const one of list) {
      const beyond = one.needs.some((need) => promise.fields[need] === undefined) && told !== undefined
      one.official = !official && (one.official || beyond || one.value === null)
    }
    built.set(path, list)
    return list
  }
  for (const path of fields.keys()) casesOf(path)
  return built
}

/** The values to be asked: written samples, else what the schema says; a profile's own list and range win. */
export function samplesOf<V extends StreamView>(
  field: FieldSpec,
  told: FieldPromise | undefined,
  { samples: written }: FieldKit<V>,
): Sample[] {
  const samples = written[field.path] ?? derived(field, told)
  return samples.filter(({ value }) => {
    // Null says nothing about what is not supported: it asks for none of it.
    if (told?.fate === 'unsupported' && value === null) return false
    if (told?.values !== undefined && isScalar(value)) return told.values.includes(value)
    if (typeof value !== 'number') return true
    const [least, most] = [told?.minimum ?? field.minimum, told?.maximum ?? field.maximum]
    return value >= (least ?? value) && value <= (most ?? value)
  })
}

function derived(field: FieldSpec, told: FieldPromise | undefined): Sample[] {
  const values: Json[] = []
  if (field.enum !== undefined) values.push(...(field.enum as Json[]))
  else if (field.types.includes('boolean')) values.push(true, false)
  else {
    for (const bound of [told?.minimum ?? field.minimum, told?.maximum ?? field.maximum]) {
      if (bound !== undefined) values.push(bound)
    }
    if (typeof field.default === 'number') values.push(field.default)
  }
  if (field.types.includes('null')) values.push(null)
  const distinct = new Map(values.map((value) => [canonical(value), value]))
  return [...distinct.values()].map((value) => ({ value }))
}

function isScalar(value: Json): value is string | number | boolean | null {
  return typeof value !== 'object' || value === null
}

/** A sample on top of the carriers of what it needs. */
function build(field: FieldSpec, sample: Sample, casesOf: (path: string) => Case[]): Case {
  let under: Patch = NOTHING
  const all = new Set<string>()
  let { group } = sample
  for (const need of needsOf(field.path, sample)) {
    const [carrier] = casesOf(need)
    if (carrier === undefined) continue
    under = join(under, carrier.patch)
    group ??= carrier.group
    for (const other of [...carrier.needs, need]) all.add(other)
  }
  const placed = sample.last ?? sample.first ?? sample.turns
  const own: Patch = {
    body: sample.body ?? (placed === undefined ? at(field.path, sample.value) : {}),
    last: sample.last ?? {},
    turns: sample.turns ?? [],
    ...(sample.first === undefined ? {} : { first: sample.first }),
  }
  return {
    path: field.path,
    value: sample.value,
    patch: join(under, own),
    official: sample.official === true,
    needs: [...all],
    ...(group === undefined ? {} : { group }),
  }
}

/** Fields that must stand beside a sample; where it does not say so, the object that holds it. */
function needsOf(path: string, { needs, value }: Sample): string[] {
  if (needs !== undefined || value === null) return needs ?? []
  const parent = parentOf(path)
  return parent === undefined || parent === 'messages' ? [] : [parent]
}

/** A value at a path, in the first item of each array on the way. */
export function at(path: string, value: Json): JsonObject {
  const steps = path.split('.').flatMap((step) => (step.endsWith('[]') ? [step.slice(0, -2), '[]'] : [step]))
  let here: Json = value
  for (const step of steps.toReversed()) here = step === '[]' ? [here] : { [step]: here }
  return here as JsonObject
}
