import type { Check, Ground } from '../../core/check.ts'
import type { FieldSpec } from '../../core/schema.ts'
import type { ChatView } from '../view.ts'
import { answered } from './effects/effect.ts'
import { OBSERVERS } from './effects/observers.ts'
import { idOf, undocumented } from './ids.ts'

/** What becomes of a field, seen by its effect; undefined where it has none that two probes can see. */
export function effectCheck(field: FieldSpec, ground: Ground): Check<ChatView> | undefined {
  const observe = OBSERVERS[field.effect]
  if (observe === undefined) throw new Error(`no observer for the effect ${field.effect} of ${field.path}`)
  const effect = observe(field, ground)
  if (effect === undefined) return undefined
  const { title, ask, elicit, needs = [], unsettled = [], judge } = effect
  const promise = ground.promise.fields[field.path]
  return {
    id: idOf(field.path, 'effect'),
    title,
    requirements: promise === undefined ? undocumented(field.path) : promise.requirements,
    fix: `Heed ${field.path}, or refuse it with 400 where the model cannot.`,
    expects: 'any',
    needs: ['openai-chat/plain/reply', idOf(field.path, 'accepted'), ...needs],
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
