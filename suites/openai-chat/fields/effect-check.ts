import type { Check, Ground } from '../../core/check.ts'
import type { FieldSpec } from '../../core/schema.ts'
import type { ChatView } from '../view.ts'
import { parentOf } from './cases.ts'
import type { Case } from './compose.ts'
import { answered } from './effects/effect.ts'
import { OBSERVERS } from './effects/observers.ts'
import { idOf, UNDOCUMENTED } from './ids.ts'

/** What becomes of a field, seen by its effect; undefined where it has none that two probes can see. */
export function effectCheck(field: FieldSpec, carrier: Case, ground: Ground): Check<ChatView> | undefined {
  const observe = OBSERVERS[field.effect]
  if (observe === undefined) throw new Error(`no observer for the effect ${field.effect} of ${field.path}`)
  const effect = observe(field, ground)
  if (effect === undefined) return undefined
  const { title, ask, elicit, needs = [], unsettled = [], judge } = effect
  const promise = ground.promise.fields[field.path]
  // Where the field that holds it has no effect, this one cannot have any.
  const holder = parentOf(field.path)
  const above = [...carrier.needs, ...(holder === undefined ? [] : [holder])]
  const before = [
    'openai-chat/plain/reply',
    idOf(field.path, 'accepted'),
    ...new Set(above.map((path) => idOf(path, 'effect'))),
  ]
  return {
    id: idOf(field.path, 'effect'),
    title,
    requirements: promise === undefined ? UNDOCUMENTED : promise.requirements,
    fix: `Heed ${field.path}, or refuse it with 400 where the model cannot.`,
    expects: 'any',
    needs: [...before, ...needs],
    field: field.path,
    ask,
    ...(elicit === undefined ? {} : { elicit }),
    *judge(asked) {
      for (const [name, view] of Object.entries(asked)) {
        if (unsettled.includes(name) || answered(view)) continue
        if (view.status === 429) yield { inconclusive: 'the gateway answered 429 to every try' }
        else {
          const got = `status ${view.status}: ${view.text.slice(0, 160)}`
          yield { fate: 'refused', where: view.statusPlace, status: view.status, got }
        }
        return
      }
      yield* judge(asked)
    },
  }
}
