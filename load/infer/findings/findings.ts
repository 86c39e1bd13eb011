/** Samples (and what was inferred from them) in, named faults of the limiter out. Pure. */
import { charging } from './charging.ts'
import { enforcement } from './enforcement.ts'
import { refusals } from './refusals.ts'
import type { LimitFinding, Seen } from './types.ts'

/** Faults that explain others: where the first is found, those after it say nothing of their own. */
const EXPLAINS: [LimitFinding['id'], LimitFinding['id'][]][] = [
  // What was inferred is then no measure for the header.
  ['race', ['limit-header-wrong']],
  ['fails-open', ['limit-header-wrong']],
  ['counts-chunks', ['limit-header-wrong']],
  ['counts-several-times', ['limit-header-wrong']],
  ['extended-by-refusals', ['limit-header-wrong']],
  ['bypassed-by-conflict', ['limit-header-wrong']],
  ['charged-at-end', ['limit-header-wrong']],
  ['never-resets', ['retry-after-too-short', 'hang-up-free', 'counts-chunks', 'limit-header-wrong']],
  ['fails-open', ['race', 'charged-at-end', 'hang-up-free', 'bypassed-by-conflict', 'retry-after-too-long']],
  ['extended-by-refusals', ['retry-after-too-short']],
  ['race', ['hang-up-free', 'bypassed-by-conflict']],
  ['charged-at-end', ['bypassed-by-conflict']],
  ['counts-chunks', ['race', 'charged-at-end', 'hang-up-free']],
  ['dropped-connection', ['retry-after-missing', 'empty-refusal-body', 'refusal-envelope']],
]

/** What others on the same key can make of a limiter without a fault: they take room, and never give any. */
const MADE_BY_OTHERS: LimitFinding['id'][] = [
  'counts-chunks',
  'counts-several-times',
  'extended-by-refusals',
  'never-resets',
  'retry-after-too-short',
  'limit-header-wrong',
]

export function findings(seen: Seen): LimitFinding[] {
  const all = [...enforcement(seen), ...charging(seen), ...refusals(seen)]
  const explained = new Set(
    EXPLAINS.filter(([cause]) => all.some(({ id }) => id === cause)).flatMap(([, effects]) => effects),
  )
  const others = seen.inference?.otherTraffic ? MADE_BY_OTHERS : []
  return all.filter(({ id, surely }) => !explained.has(id) && (surely || !others.includes(id)))
}
