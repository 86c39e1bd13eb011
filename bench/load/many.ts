/** Ten thousand streams of one token a second, held for a minute by one process of assay. */
import { join } from 'node:path'
import { assay } from './clients/assay.ts'
import { serveGateway } from './gateway.ts'
import { type Outcome, runClient } from './run.ts'
import { JournalReader } from './truth.ts'

const STREAMS = 10_000
const PACE = { first_ms: 1000, tokens_per_s: 1 }
/** Opened over ten seconds, so that a minute is left in which all are open. */
const STARTS_PER_S = 1000
const TOKENS: [number, number] = [80, 85]

export async function many(scratch: string, streams = STREAMS): Promise<Outcome> {
  const gateway = await serveGateway(PACE, join(scratch, 'journal-many.jsonl'))
  try {
    const load = {
      model: 'gpt-4.1-mini',
      run: '00000000',
      streams,
      // Nothing is begun after the ramp: each stream asks once.
      seconds: streams / STARTS_PER_S + 2,
      ramp_s: 0,
      warmup_s: 0,
      calibrate: 0,
      tokens: TOKENS,
      requests: streams,
      starts_per_s: STARTS_PER_S,
    }
    const place = { gateway, journal: new JournalReader(gateway.journal), scratch }
    const outcome = await runClient(assay, load, place)
    if (outcome === undefined) throw new Error('assay is not there')
    return outcome
  } finally {
    await gateway.close()
  }
}
