import { type Check, finding, type Ground, type Outcome, show } from '../../core/check.ts'
import type { FieldSpec } from '../../core/schema.ts'
import type { ChatView } from '../view.ts'
import { clearing } from './bisect.ts'
import type { Case } from './compose.ts'
import { caseName } from './covering.ts'
import { answered } from './effects/effect.ts'
import { idOf, UNDOCUMENTED } from './ids.ts'
import { silentOrBroken } from './refused.ts'

/** Every valid value of a field is accepted. What is refused in company is asked again in ever smaller company. */
export function acceptedCheck(
  field: FieldSpec,
  cases: readonly Case[],
  rowOf: ReadonlyMap<Case, Case[]>,
  ground: Ground,
): Check<ChatView> {
  const promise = ground.promise.fields[field.path]
  const names = new Map(cases.map((one) => [caseName(one), one]))
  const needs = new Set(cases.flatMap((one) => one.needs.map((need) => idOf(need, 'accepted'))))
  return {
    id: idOf(field.path, 'accepted'),
    title: `Valid values of ${field.path} are accepted`,
    requirements:
      promise === undefined ? UNDOCUMENTED : [...promise.requirements, ...(MODEL_LIMITS[field.path] ?? [])],
    fix: `Accept ${field.path} with ${[...names.keys()].join(', ')}.`,
    expects: 'any',
    needs: ['openai-chat/plain/reply', ...needs],
    field: field.path,
    ask: Object.fromEntries([...names].map(([name, one]) => [name, clearing(one, rowOf.get(one)!)])),
    *judge(asked) {
      const judged = [...names].map(([name, one]) => ({ one, view: asked[name]!.turns.at(-1)! }))
      const taken = judged.find(({ view }) => answered(view))
      if (taken !== undefined) {
        const fate = field.effect === 'unobservable' ? 'unobservable' : 'accepted'
        yield { fate, where: taken.view, status: taken.view.status, got: show(taken.one.value) }
      }
      for (const { one, view } of judged) {
        if (answered(view)) continue
        if (view.status === 429) yield { inconclusive: 'the gateway answered 429 to every try' }
        else yield* rejected(field, one, view, ground)
      }
    },
  }
}

/** Rows on models that take less than the documented range. */
const MODEL_LIMITS: Record<string, string[]> = { temperature: ['TH-OAI-REQ-temperature-model-limits'] }
const LIMITED = 'sampling-limits'
const SAMPLING = new Set(['temperature', 'top_p', 'frequency_penalty', 'presence_penalty'])

function* rejected(field: FieldSpec, one: Case, view: ChatView, ground: Ground): Iterable<Outcome> {
  const got = `${show(one.value)}: status ${view.status}: ${view.text.slice(0, 160)}`
  const wanted = `${field.path} ${show(one.value)} is accepted`
  const broken = silentOrBroken(view)
  const strange = ground.promise.fields[field.path] === undefined
  if (broken !== undefined && (strange || one.official)) yield broken
  if (one.official) {
    yield finding(view.statusPlace, wanted, got, { by: 'official' })
    return
  }
  if (SAMPLING.has(field.path) && ground.capabilities.includes(LIMITED) && broken === undefined) {
    yield finding(view.statusPlace, wanted, got, { by: 'should', why: 'this model takes less than others' })
    return
  }
  yield { fate: 'refused', where: view.statusPlace, status: view.status, got }
}
