import type { FieldFate } from '../../../../reports/record/types.ts'
import type { Asked, Check, Ground, Outcome, Placed } from '../../../core/check.ts'
import type { FieldSpec } from '../../../core/schema.ts'
import type { ChatView } from '../../view.ts'

/** How the effect of one field is asked for and seen. */
export interface Effect extends Pick<Check<ChatView>, 'ask' | 'elicit' | 'needs'> {
  /** What is true of a gateway that honours the field. */
  title: string
  /** Conversations that may well end with a refusal. */
  unsettled?: string[]
  /** Called only where all others were answered. */
  judge(asked: Asked<ChatView>): Iterable<Outcome>
}

/** undefined: two probes of this field cannot tell. */
export type Observer = (field: FieldSpec, ground: Ground) => Effect | undefined

/** The fate that a field was seen to have. */
export function seen(fate: FieldFate['observed'], where: Placed, got: string): Outcome {
  return { fate, where, status: 200, got }
}

/** Status 200 and a message in whatever form: what was asked for was accepted, if not heeded. */
export function answered(view: ChatView): boolean {
  if (view.succeeded) return true
  const { end } = view.exchange
  if (view.status !== 200 || (end.kind !== 'complete' && end.kind !== 'closed')) return false
  if (view.error !== undefined || view.streamError !== undefined) return false
  return view.choices.length > 0
}

/** The limit ended the answer before it showed anything: a model that reasons first has said nothing yet. */
export function cutShort(view: ChatView): boolean {
  const choice = view.choice
  return choice?.finish === 'length' && choice.toolCalls.length === 0 && view.content === ''
}

export const CUT: Outcome = { inconclusive: 'the limit cut the answer before anything showed' }

/** How much of an answer is shown. */
export function quote(view: ChatView): string {
  return JSON.stringify(view.content.slice(0, 80))
}

export function placeOf(view: ChatView): Placed {
  return view.choice?.where ?? view
}
