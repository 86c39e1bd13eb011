import type { Outcome, Placed } from '../../../core/check.ts'
import type * as generic from '../../../fields/effect.ts'
import type { ChatView } from '../../view.ts'

export type Effect = generic.Effect<ChatView>
export type Observer = generic.Observer<ChatView>

/** The limit ended the answer before it showed anything: a model that reasons first has said nothing yet. */
export function cutShort(view: ChatView): boolean {
  const choice = view.choice
  return choice?.finish === 'length' && choice.toolCalls.length === 0 && view.content === ''
}

export const CUT: Outcome = { inconclusive: 'the limit cut the answer before anything showed' }

export { quote } from '../../../fields/observers.ts'

export function placeOf(view: ChatView): Placed {
  return view.choice?.where ?? view
}
