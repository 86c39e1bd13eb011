import { finding, type Outcome } from '../core/check.ts'
import type { MessagesView } from './view.ts'

/** The seven words that the official types have. */
const WORDS = new Set([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
])

/** Words that other dialects have for the same. */
const LEAKED = new Set([
  'stop',
  'length',
  'tool_calls',
  'function_call',
  'content_filter',
  'error',
  'eos',
  'completed',
  'incomplete',
])

/** A word that no document has, and that is none of another dialect's: new ones may come within a version. */
export function isNewStop(word: unknown): boolean {
  return typeof word === 'string' && /^[a-z]+(_[a-z]+)*$/.test(word) && !WORDS.has(word) && !LEAKED.has(word)
}

/**
 * A stop_reason that is not `wanted`. A word that no document has is a deviation from the official set only, and a
 * warning where it may be a new one; null, a missing one and a known word in the wrong place deviate from every document.
 */
export function* wrongStop(view: MessagesView, wanted: string): Iterable<Outcome> {
  const { stopReason, message } = view
  const foreign = typeof stopReason === 'string' && stopReason !== '' && !WORDS.has(stopReason)
  yield finding(
    message?.stopWhere ?? view,
    `stop_reason ${wanted}`,
    stopReason ?? (stopReason === null ? 'null' : 'none'),
    foreign || stopReason === 'refusal'
      ? { by: 'official', ...(isNewStop(stopReason) ? { atMost: 'warn' } : {}) }
      : {},
  )
}
