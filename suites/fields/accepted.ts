import { type Check, finding, type Ground, type Outcome, show } from '../core/check.ts'
import type { FieldSpec } from '../core/schema.ts'
import type { StreamView } from '../core/stream-view.ts'
import { silentOrBroken } from '../requests/clean.ts'
import { clearing } from './bisect.ts'
import type { Case } from './compose.ts'
import { named } from './covering.ts'
import { isRefused } from './gone.ts'
import { idOf, plainOf } from './ids.ts'
import type { FieldKit } from './kit.ts'

/** Every valid value of a field is accepted. What is refused in company is asked again in ever smaller company. */
export function acceptedCheck<V extends StreamView>(
  field: FieldSpec,
  cases: readonly Case[],
  rowOf: ReadonlyMap<Case, Case[]>,
  ground: Ground,
  kit: FieldKit<V>,
): Check<V> {
  const { dialect, modelLimits } = kit
  const promise = ground.promise.fields[field.path]
  const unwanted = isRefused(promise)
  const names = named(cases)
  const needs = new Set(cases.flatMap((one) => one.needs.map((need) => idOf(dialect, need, 'accepted'))))
  return {
    id: idOf(dialect, field.path, 'accepted'),
    title: unwanted ? `${field.path} is refused` : `Valid values of ${field.path} are accepted`,
    requirements:
      promise === undefined
        ? kit.requirements.undocumented
        : [...promise.requirements, ...(modelLimits?.requirements[field.path] ?? [])],
    fix: unwanted
      ? `Answer 400 with the envelope to a request that holds ${field.path}.`
      : `Accept ${field.path} with ${[...names.keys()].join(', ')}.`,
    expects: 'any',
    needs: [plainOf(dialect), ...needs],
    field: field.path,
    ask: Object.fromEntries([...names].map(([name, one]) => [name, clearing(one, rowOf.get(one)!, kit)])),
    *judge(asked) {
      const judged = [...names].map(([name, one]) => ({ one, view: asked[name]!.turns.at(-1)! }))
      const taken = judged.find(({ view }) => view.answered)
      if (taken !== undefined) {
        const fate = field.effect === 'unobservable' ? 'unobservable' : 'accepted'
        yield { fate, where: taken.view, status: taken.view.status, got: show(taken.one.value) }
      }
      for (const { one, view } of judged) {
        if (view.answered) continue
        if (view.status === 429) yield { inconclusive: 'the gateway answered 429 to every try' }
        else yield* rejected(field, one, view, ground, kit)
      }
    },
  }
}

function* rejected<V extends StreamView>(
  field: FieldSpec,
  one: Case,
  view: V,
  ground: Ground,
  { modelLimits }: FieldKit<V>,
): Iterable<Outcome> {
  const got = `${show(one.value)}: status ${view.status}: ${view.text.slice(0, 160)}`
  const wanted = `${field.path} ${show(one.value)} is accepted`
  const broken = silentOrBroken(view)
  const promise = ground.promise.fields[field.path]
  if (broken !== undefined && (promise === undefined || one.official)) yield broken
  // Whoever says that it is valid: the profile says that it is not supported.
  if (one.official && promise?.fate !== 'unsupported') {
    yield finding(view.statusPlace, wanted, got, { by: 'official' })
    return
  }
  const less =
    modelLimits?.fields.includes(field.path) && ground.capabilities.includes(modelLimits.capability)
  if (less && broken === undefined) {
    yield finding(view.statusPlace, wanted, got, { by: 'should', why: 'this model takes less than others' })
    return
  }
  yield { fate: 'refused', where: view.statusPlace, status: view.status, got }
}
