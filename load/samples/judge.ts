import type { LoadFigures } from '../../reports/record/load.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { grammarDocument } from '../../schemas/documents.ts'
import type { Order } from '../order.ts'
import { isOf } from '../scenarios/stream/drive/draw.ts'
import { readSamples, type SamplesFile } from './read.ts'
import { headlineDoubts, overview, streamFigures } from './summary.ts'
import { Tally } from './tally.ts'
import { grammarsOf } from './verdicts/grammar.ts'
import { invariantLines, type Standing } from './verdicts/invariants.ts'
import { kneeOf } from './verdicts/knee.ts'
import { meterLines } from './verdicts/meter.ts'
import { scenarioFigures, scenarioLines } from './verdicts/scenarios.ts'
import { sloLines } from './verdicts/slo.ts'
import { firstWords, lateness } from './verdicts/trouble.ts'

export { SamplesUnreadable } from './lines.ts'

export interface Judged {
  verdicts: VerdictLine[]
  figures: LoadFigures
}

/** What is known of the target beside the order. */
export interface Known {
  /** The reference gateway answers: a word that its model leaves out is a fault. */
  embedded?: boolean
  /** Which rules the profile holds, and which tiers it claims. Absent: what is official fails. */
  promises?: NonNullable<Standing['promises']>
}

/**
 * Judges the sample file of a stream scenario: the same file and order give the same verdicts, always. Reads it once, in
 * constant memory. Throws SamplesUnreadable, whose message begins with `FILE:LINE:` where a line is to blame.
 */
export async function judgeSamples(order: Order, file: string, known: Known = {}): Promise<Judged> {
  const tally = new Tally(order)
  return judgeTally(order, tally, await readSamples(file, tally), known)
}

/** The same, of what was read already. */
export function judgeTally(order: Order, tally: Tally, file: SamplesFile, known: Known = {}): Judged {
  const first = overview(order, tally, file)
  const knee = order.scenario === 'sweep' ? kneeOf(order, first) : undefined
  const view = knee?.figures === undefined ? first : overview(order, tally, file, knee.figures.phase)
  const doubts = headlineDoubts(view)
  const answered = view.phases.reduce((sum, { group }) => sum + group.answered, 0)
  const standing: Standing = {
    budget: order.slo.some(({ metric }) => metric === 'errors'),
    embedded: known.embedded ?? false,
    grammar: grammarsOf(order.grammar === undefined ? undefined : grammarDocument(order.target.dialect)),
    sent: (word) => isOf(order, word, first.file.rows),
    late: lateness(order, tally, doubts),
    said: firstWords(tally),
    ...(known.promises === undefined ? {} : { promises: known.promises }),
  }
  const { group, seconds, names } = view.headline
  const measured = { group, seconds }
  const where = knee === undefined ? '' : ` (${names.join(', ')})`
  return {
    verdicts: [
      // A sweep may be saturated beside its headline: at the rate that missed.
      ...meterLines(view, knee?.doubts ?? doubts),
      ...invariantLines(tally.invariants, answered, standing),
      ...scenarioLines(order, view, doubts, knee),
      ...sloLines(order.slo, measured, doubts, tally.misses, where),
    ],
    figures: { stream: streamFigures(view, scenarioFigures(knee), knee?.doubts ?? doubts) },
  }
}
