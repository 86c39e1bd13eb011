import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { DialectPromise } from '../../specs/types.ts'
import { isObject } from './dig.ts'
import { digest } from './digest.ts'
import type { Probe } from './probe.ts'

/** What the placeholders of a probe stand for. */
export interface Target {
  model: string
  promise: DialectPromise
}

/** Tokens of output that a probe may cost where it does not say. */
export const DEFAULT_LIMIT = 48

const LIMIT_FIELDS = ['max_tokens', 'max_completion_tokens', 'max_output_tokens']

/** A probe with nothing left to fill in, and its identity. */
export interface Resolved {
  digest: string
  probe: Probe
}

/** Fills in model, limit and the dialect's own headers. Pure: the same probe and target give the same digest, live and offline. */
export function resolve(probe: Probe, target: Target): Resolved {
  const before = known.get(probe)
  if (before?.promise === target.promise && before.model === target.model) return before.resolved
  const resolved = fillIn(probe, target)
  known.set(probe, { ...target, resolved })
  return resolved
}

/** Probes are data that nobody changes: the last target of each is remembered, since many sessions ask the same ones. */
const known = new WeakMap<Probe, Target & { resolved: Resolved }>()

function fillIn(probe: Probe, target: Target): Resolved {
  const filled: Probe = { ...probe }
  if (probe.body !== undefined) filled.body = limited(substitute(probe.body, target), probe, target)
  if (probe.repeat !== undefined) {
    const head = probe.repeat.head
      .replaceAll('$model', () => inJson(target.model))
      .replaceAll('$limit', () => inJson(target.promise.limit_field))
    filled.repeat = { ...probe.repeat, head }
  }
  filled.method ??= 'POST'
  filled.path ??= target.promise.path
  filled.keyRole ??= 'default'
  if (target.promise.headers !== undefined) filled.headers = { ...target.promise.headers, ...probe.headers }
  delete filled.limit
  return { digest: digest(filled), probe: filled }
}

/** A model's name as it stands between the quotes of a JSON string. */
function inJson(name: string): string {
  return JSON.stringify(name).slice(1, -1)
}

function substitute(body: JsonObject, target: Target): JsonObject {
  const walk = (value: Json): Json => {
    if (value === '$model') return target.model
    if (Array.isArray(value)) return value.map(walk)
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item)]))
    return value
  }
  return Object.fromEntries(Object.entries(body).map(([key, item]) => [key, walk(item)]))
}

function limited(body: JsonObject, probe: Probe, target: Target): JsonObject {
  if (probe.limit === null || LIMIT_FIELDS.some((field) => field in body)) return body
  return { ...body, [target.promise.limit_field]: probe.limit ?? DEFAULT_LIMIT }
}

/** The bytes of the request body; undefined where the probe has none. */
export function bodyBytes(probe: Probe): Uint8Array | undefined {
  if (probe.text !== undefined) return Buffer.from(probe.text)
  if (probe.repeat !== undefined) {
    const { head, unit, times, tail } = probe.repeat
    const [before, one, after] = [head, unit, tail].map((text) => Buffer.from(text)) as [
      Buffer,
      Buffer,
      Buffer,
    ]
    const filled = one.byteLength * times
    const bytes = Buffer.alloc(before.byteLength + filled + after.byteLength)
    before.copy(bytes)
    // In place: a string of that size and its copies would cost several times the memory.
    if (filled > 0) bytes.fill(one, before.byteLength, before.byteLength + filled)
    after.copy(bytes, before.byteLength + filled)
    return bytes
  }
  return probe.body === undefined ? undefined : Buffer.from(JSON.stringify(probe.body))
}
