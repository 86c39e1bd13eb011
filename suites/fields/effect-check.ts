import type { Check, Ground } from '../core/check.ts'
import type { FieldSpec } from '../core/schema.ts'
import type { StreamView } from '../core/stream-view.ts'
import type { Case } from './compose.ts'
import { refusedOr429 } from './effect.ts'
import { parentOf } from './gone.ts'
import { idOf, plainOf } from './ids.ts'
import type { FieldKit } from './kit.ts'

/** What becomes of a field, seen by its effect; undefined where it has none that two probes can see. */
export function effectCheck<V extends StreamView>(
  field: FieldSpec,
  carrier: Case,
  ground: Ground,
  kit: FieldKit<V>,
): Check<V> | undefined {
  const { dialect } = kit
  const observe = kit.observers[field.effect]
  if (observe === undefined) throw new Error(`no observer for the effect ${field.effect} of ${field.path}`)
  const effect = observe(field, ground)
  if (effect === undefined) return undefined
  const { title, ask, elicit, needs = [], unsettled = [], judge } = effect
  const promise = ground.promise.fields[field.path]
  // Where the field that holds it has no effect, this one cannot have any.
  const holder = parentOf(field.path)
  const above = [...carrier.needs, ...(holder === undefined ? [] : [holder])]
  const before = [
    plainOf(dialect),
    idOf(dialect, field.path, 'accepted'),
    ...new Set(above.map((path) => idOf(dialect, path, 'effect'))),
  ]
  return {
    id: idOf(dialect, field.path, 'effect'),
    title,
    requirements: promise === undefined ? kit.requirements.undocumented : promise.requirements,
    fix: `Heed ${field.path}, or refuse it with 400 where the model cannot.`,
    expects: 'any',
    needs: [...before, ...needs],
    field: field.path,
    ask,
    ...(elicit === undefined ? {} : { elicit }),
    *judge(asked) {
      for (const [name, view] of Object.entries(asked)) {
        if (unsettled.includes(name) || view.answered) continue
        yield refusedOr429(view)
        return
      }
      yield* judge(asked)
    },
  }
}
