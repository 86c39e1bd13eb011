import { finding, type Outcome } from '../core/check.ts'
import { asInteger, dig } from '../core/dig.ts'
import type { Assembled } from './assemble.ts'
import type { ChatView } from './view.ts'

const WORDS = new Set(['stop', 'length', 'tool_calls', 'content_filter', 'function_call'])

/** Whether the limit ended the answer. Where usage tells of fewer tokens than the limit, finish_reason length is a lie. */
export function cut(view: ChatView): boolean {
  if (view.choice?.finish !== 'length') return false
  const limits = LIMITS.map((field) => asInteger(dig(view.asked, field))).filter(
    (limit) => limit !== undefined,
  )
  const used = view.usage?.completion
  return used === undefined || limits.length === 0 || used >= Math.min(...limits)
}

const LIMITS = ['max_tokens', 'max_completion_tokens']

/** All tokens went into reasoning: no text, finish_reason length. Legal, and no answer to what was asked. */
export function cutBeforeText(view: ChatView): boolean {
  return view.content === '' && cut(view)
}

/**
 * A finish_reason that is not `wanted`. A word that no document has is a deviation from the official set only; the
 * empty string, a missing one and a known word in the wrong place are deviations from every document (C-40).
 */
export function* wrongFinish(choice: Assembled, wanted: string): Iterable<Outcome> {
  const { finish, finishes, where } = choice
  const reason = finishes.at(-1)?.reason
  const foreign = typeof finish === 'string' && finish !== '' && !WORDS.has(finish)
  yield finding(
    finishes[0]?.where ?? where,
    `finish_reason ${wanted}`,
    reason ?? 'none',
    foreign || finish === 'content_filter' ? { by: 'official' } : {},
  )
}
