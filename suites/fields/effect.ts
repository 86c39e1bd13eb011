import type { FieldFate } from '../../reports/record/types.ts'
import type { Asked, Check, Ground, Outcome, Placed } from '../core/check.ts'
import type { FieldSpec } from '../core/schema.ts'
import type { View } from '../core/view.ts'

/** How the effect of one field is asked for and seen. */
export interface Effect<V extends View> extends Pick<Check<V>, 'ask' | 'elicit' | 'needs'> {
  /** What is true of a gateway that honours the field. */
  title: string
  /** Conversations that may well end with a refusal. */
  unsettled?: string[]
  /** Called only where all others were answered. */
  judge(asked: Asked<V>): Iterable<Outcome>
}

/** undefined: two probes of this field cannot tell. */
export type Observer<V extends View> = (field: FieldSpec, ground: Ground) => Effect<V> | undefined

/** The fate that a field was seen to have. */
export function seen(fate: FieldFate['observed'], where: Placed, got: string): Outcome {
  return { fate, where, status: 200, got }
}

/** The fate of a field whose request was not answered. */
export function refusedOr429(view: View): Outcome {
  if (view.status === 429) return { inconclusive: 'the gateway answered 429 to every try' }
  const got = `status ${view.status}: ${view.text.slice(0, 160)}`
  return { fate: 'refused', where: view.statusPlace, status: view.status, got }
}
