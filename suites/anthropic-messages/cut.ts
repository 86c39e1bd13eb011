import type { Outcome } from '../core/check.ts'
import { asInteger, dig } from '../core/dig.ts'
import type { MessagesView } from './view.ts'

/** A call that the limit cut need not be whole: it says nothing about the gateway. */
export const CUT = 'the limit cut the answer'

/** Whether the limit ended the answer. Where usage tells of fewer tokens than the limit, stop_reason max_tokens is a lie. */
export function cut(view: MessagesView): boolean {
  if (view.stopReason !== 'max_tokens') return false
  const limit = asInteger(dig(view.asked, 'max_tokens'))
  const used = view.usage?.output
  return used === undefined || limit === undefined || used >= limit
}

/** All tokens went into something else than text. Legal, and no answer to what was asked. */
export function cutBeforeText(view: MessagesView): boolean {
  return view.content === '' && cut(view)
}

/** Why an answer says nothing about the gateway: the limit cut it, or the model would not answer. */
export function* unanswered(view: MessagesView): Iterable<Outcome> {
  if (cut(view)) yield { inconclusive: CUT }
  else if (view.stopReason === 'refusal') yield { inconclusive: 'the model refused to answer' }
}

export function isUnanswered(view: MessagesView): boolean {
  return cut(view) || view.stopReason === 'refusal'
}
