import path from 'node:path'
import type { Order } from '../../load/order.ts'
import { totalsOf } from '../../reports/conclusion.ts'
import type { SummaryLine } from '../../reports/record/types.ts'
import type { RecordWriter } from '../../reports/record/write.ts'
import type { Profile, Specs } from '../../specs/types.ts'
import { EXIT } from '../exit.ts'
import { complain } from '../speak.ts'
import { unreachableSentence } from '../target.ts'
import { loadExit } from './exit.ts'
import { judgeLoad, type LoadVerdicts, samplesLine } from './judge.ts'
import { type EngineOutcome, LOG_FILE } from './run.ts'
import { diedSentence, nothingSentence, stopSentence } from './told.ts'

export interface Ended {
  dir: string
  order: Order
  specs: Specs
  profile: Profile
  embedded: boolean
  outcome: EngineOutcome
  interrupted: boolean
  allowUnproven: boolean
}

const NOTHING: LoadVerdicts = { verdicts: [], figures: {}, unreachable: false, nothingFinished: true }

/** Judges what the engine left, and writes the end of the record. Returns the exit status. */
export async function finish(ended: Ended, writer: RecordWriter): Promise<number> {
  const { dir, outcome, interrupted, allowUnproven } = ended
  const { seen, well } = outcome
  const samples = await samplesLine(dir, seen.complete)
  if (samples !== undefined) writer.write(samples)
  const usable = samples !== undefined && samples.lines > 0
  const { verdicts, figures, unreachable, nothingFinished } = usable ? await judgeLoad(ended) : NOTHING
  const judged = loadExit(verdicts, { interrupted, unreachable, allowUnproven, nothingFinished })
  // An engine that died is assay's own fault, whatever its rows say.
  const exit = well || interrupted ? judged : EXIT.unreachable
  const summary: SummaryLine = {
    type: 'summary',
    at: new Date().toISOString(),
    totals: totalsOf(verdicts),
    cost: {
      requests: seen.requests,
      tokens: seen.tokens,
      seconds: Math.round(outcome.seconds * 1000) / 1000,
    },
    exit,
    ...(interrupted ? { interrupted: true as const } : {}),
    load: figures,
  }
  for (const line of verdicts) writer.write(line)
  writer.write(summary)
  tell(ended, { unreachable, nothingFinished })
  return exit
}

/** What went wrong, in one sentence each, before the screen. */
function tell(
  { dir, order, outcome, interrupted }: Ended,
  { unreachable, nothingFinished }: Pick<LoadVerdicts, 'unreachable' | 'nothingFinished'>,
): void {
  const { stopped, well, end, errors, seen } = outcome
  if (!well && !interrupted)
    complain(diedSentence(end, { errors, requests: seen.requests, logFile: path.join(dir, LOG_FILE) }))
  if (stopped !== undefined) complain(stopSentence(stopped, order.target.url))
  else if (unreachable) {
    const [[name] = ['unknown']] = [...seen.refusals]
    complain(unreachableSentence(order.target.url, name, 'no connection came about'))
  } else if (nothingFinished && well && !interrupted && seen.refusals.size > 0) {
    complain(nothingSentence(seen, order.target.url))
  }
}
