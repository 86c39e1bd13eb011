import type { Check, Ground } from '../core/check.ts'
import { caching } from './caching.ts'
import { citations } from './citations.ts'
import { claudeCode } from './claude-code.ts'
import { documents } from './documents.ts'
import { images } from './images.ts'
import { serverTools } from './server-tools.ts'
import { thinking } from './thinking.ts'
import { thinkingHistory } from './thinking-history.ts'
import { calls } from './tools/calls.ts'
import { choices } from './tools/choice.ts'
import { mismatched } from './tools/mismatched.ts'
import { parallel } from './tools/parallel.ts'
import { results } from './tools/results.ts'
import { turns } from './turns.ts'
import type { MessagesView } from './view.ts'

/** All checks on tools, thinking, turns and what stands in them. */
export function conversation(ground: Ground): Check<MessagesView>[] {
  const all = [
    ...choices,
    ...calls,
    ...parallel,
    ...results,
    ...mismatched(ground),
    ...thinking,
    ...thinkingHistory(ground),
    ...turns,
    ...images,
    ...documents,
    ...citations,
    ...caching(ground),
    ...serverTools,
    ...claudeCode(ground),
  ]
  return all.filter(({ id }) => {
    const wanted = WANTED.get(id)
    return wanted === undefined || ground.capabilities.includes(wanted)
  })
}

/** Capabilities without which a question makes no sense, where no row that it answers asks for them. */
const WANTED = new Map([
  ['anthropic-messages/thinking/budget-beyond-limit', 'thinking'],
  ['anthropic-messages/thinking/dropped-signature', 'thinking'],
  ['anthropic-messages/thinking/redacted', 'thinking'],
  ['anthropic-messages/images/url', 'vision'],
  ['anthropic-messages/images/media-type', 'vision'],
  ['anthropic-messages/images/mislabelled', 'vision'],
  ['anthropic-messages/documents/url', 'documents'],
  ['anthropic-messages/tools/missing-result', 'tools'],
  ['anthropic-messages/tools/duplicate-result', 'tools'],
  ['anthropic-messages/tools/unknown-result', 'tools'],
  ['anthropic-messages/tools/split-results', 'tools'],
  ['anthropic-messages/tools/text-before-results', 'tools'],
])
