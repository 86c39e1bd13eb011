import type { Outcome, Placed } from '../../../core/check.ts'
import type * as generic from '../../../fields/effect.ts'
import { isUnanswered } from '../../cut.ts'
import type { MessagesView } from '../../view.ts'

export type Effect = generic.Effect<MessagesView>
export type Observer = generic.Observer<MessagesView>

/** The limit, or a refusal of the model's own, came before anything showed. */
export function cutShort(view: MessagesView): boolean {
  return isUnanswered(view) && view.toolUses.length === 0 && view.content === ''
}

export const CUT: Outcome = { inconclusive: 'the limit cut the answer before anything showed' }

export { quote } from '../../../fields/observers.ts'

export function placeOf(view: MessagesView): Placed {
  return view.message?.where ?? view
}
