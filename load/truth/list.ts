import type { LoadVerdict } from '../samples/verdicts.ts'

/** What the meter's own test asks. Each is about assay, never about a gateway: a miss is an `error`. */
export const TRUTH_VERDICTS: readonly LoadVerdict[] = [
  {
    id: 'load/selftest/first-token',
    kind: 'check',
    level: 'must',
    title: 'First tokens are seen when they come',
    fix: 'Repeat it on a machine that has nothing else to do; if it stays, the figures of this machine are worth no more than this.',
    asks: 'For every whole answer of the phase plain: when the meter says that the first token came, against the middle of the write by which the reference gateway sent it, on one clock. The median may be 3 ms off.',
    by: 'the journal of the reference gateway',
  },
  {
    id: 'load/selftest/gaps',
    kind: 'check',
    level: 'must',
    title: 'Gaps between tokens are measured as they are',
    fix: 'Repeat it on a machine that has nothing else to do; if it stays, the figures of this machine are worth no more than this.',
    asks: 'The inter-token latencies of the phase plain against the gaps between the gateway’s writes. The median may be 1 ms off, the 99th percentile 5 ms.',
    by: 'the journal of the reference gateway',
  },
  {
    id: 'load/selftest/stall',
    kind: 'check',
    level: 'must',
    title: 'A reader of ours that sleeps is noticed',
    fix: 'Repeat it on a machine that has nothing else to do; where it stays, the meter does not see its own lateness there, and a saturated run could pass for a slow gateway.',
    asks: 'In the phase stalled some readers sleep once on purpose. Their answers must show a read that late, with several tokens at once or with that lag; those of the phase plain must not.',
    by: 'the order of the run (options.stall_ms)',
  },
]
