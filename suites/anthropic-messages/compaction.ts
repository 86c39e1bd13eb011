import type { Rule } from '../core/check.ts'
import { asArray, dig } from '../core/dig.ts'
import type { StreamView } from '../core/stream-view.ts'

/** Counts of the input, which a compaction of the context makes fall. */
const OF_INPUT = /input_tokens$/

/**
 * Where the platform compacted the context in the middle of a message, the later counts are those of the shorter prompt:
 * what was counted before stands in `usage.iterations`. The tokens of the answer are totals all the same.
 */
export function heedingCompaction(rule: Rule<StreamView>): Rule<StreamView> {
  if (!rule.id.endsWith('/usage-falls')) return rule
  return {
    ...rule,
    *judge(view) {
      const less = compacted(view)
      for (const found of rule.judge(view)) {
        if (!less || !OF_INPUT.test(found.at.pointer ?? '')) yield found
      }
    },
  }
}

function compacted({ chunks }: StreamView): boolean {
  return chunks.some(
    ({ value }) =>
      dig(value, 'content_block', 'type') === 'compaction' ||
      asArray(dig(value, 'usage', 'iterations')).some((one) => dig(one, 'type') === 'compaction'),
  )
}
