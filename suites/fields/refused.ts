import type { FieldPromise } from '../../specs/types.ts'
import { type Check, finding, type Ground, note, type Outcome } from '../core/check.ts'
import { acceptedBadValue } from '../core/decide.ts'
import type { Probe } from '../core/probe.ts'
import type { FieldSpec } from '../core/schema.ts'
import type { StreamView } from '../core/stream-view.ts'
import { silentOrBroken } from '../requests/clean.ts'
import { bodyOf, type Case, probeOf } from './compose.ts'
import { BAD_VALUES, idOf, plainOf } from './ids.ts'
import type { FieldKit } from './kit.ts'
import { replaced } from './place.ts'
import { type Wrong, wrongValues } from './wrong.ts'

/** Output tokens of a wrong request, where it is served after all. */
const LIMIT = 4

/** Wrong requests by name, each with one fault. */
export function wrongProbes<V extends StreamView>(
  field: FieldSpec,
  carrier: Case,
  { promise }: Pick<Ground, 'promise'>,
  kit: FieldKit<V>,
): Map<string, Probe> {
  const { path } = field
  const probes = new Map<string, Probe>()
  for (const wrong of wrongValues(field, promise.fields[path]!, kit.dependencies[path])) {
    // Nobody may put back what was left out.
    const bare = path === promise.limit_field && wrong.value === undefined
    const probe = kit.wrongProbe?.(path, wrong.value) ?? wrongProbe(path, carrier, wrong, kit)
    if (probe !== undefined) probes.set(wrong.fault, bare ? { ...probe, limit: null } : probe)
  }
  return probes
}

function wrongProbe<V extends StreamView>(
  path: string,
  carrier: Case,
  wrong: Wrong,
  kit: FieldKit<V>,
): Probe | undefined {
  const right = bodyOf(wrong.dependency ? [] : [carrier], kit)
  const body = replaced(right, path, wrong.value)
  if (body === undefined) return undefined
  const { limit } = probeOf([carrier], kit)
  return { dialect: kit.dialect, body, limit: limit === null ? null : LIMIT }
}

/** Each wrong value alone is refused, and the refusal names the field. */
export function refusedCheck<V extends StreamView>(
  field: FieldSpec,
  carrier: Case,
  promise: FieldPromise,
  ground: Pick<Ground, 'promise'>,
  kit: FieldKit<V>,
): Check<V> | undefined {
  const probes = wrongProbes(field, carrier, ground, kit)
  if (probes.size === 0) return undefined
  const refusal = promise.refusal ?? 'unstated'
  const weight = acceptedBadValue(refusal)
  return {
    id: idOf(kit.dialect, field.path, 'refused'),
    title:
      refusal === 'unstated'
        ? `Wrong values of ${field.path} are answered or refused, never with a 5xx`
        : `Wrong values of ${field.path} are refused with 400`,
    requirements: refusal === 'stated' ? [...promise.requirements, BAD_VALUES] : [BAD_VALUES],
    fix: `Check ${field.path} before the request goes on; answer 400 with the envelope; param: ${field.path}.`,
    expects: 'any',
    needs: [plainOf(kit.dialect), ...carrier.needs.map((need) => idOf(kit.dialect, need, 'accepted'))],
    ask: Object.fromEntries([...probes].map(([fault, probe]) => [fault, [probe]])),
    *judge(asked) {
      for (const fault of probes.keys()) yield* refusalOf(asked[fault]!, field.path, fault, weight, kit)
    },
  }
}

function* refusalOf<V extends StreamView>(
  view: V,
  path: string,
  fault: string,
  weight: ReturnType<typeof acceptedBadValue>,
  kit: FieldKit<V>,
): Iterable<Outcome> {
  const wanted = `status 400 for ${path}: ${fault}`
  const broken = silentOrBroken(view, wanted)
  if (broken !== undefined) yield broken
  else if (view.status === 429) yield { inconclusive: 'the gateway answered 429 to every try' }
  // The form of a refusal is judged by a rule, once for all.
  else if (view.status >= 400) yield* kit.namesField(view, path)
  else if (weight.by === 'observe') yield note(view.statusPlace, `${path}: ${fault}: status ${view.status}`)
  else yield finding(view.statusPlace, wanted, `status ${view.status}`, weight)
}
