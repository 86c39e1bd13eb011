/** assay beside AIPerf and GuideLLM: the same requests to the same gateway, in turn, several times. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { aiperf } from './clients/aiperf.ts'
import { assay } from './clients/assay.ts'
import type { Client } from './clients/client.ts'
import { guidellm } from './clients/guidellm.ts'
import { serveGateway } from './gateway.ts'
import { type Outcome, runClient } from './run.ts'
import { JournalReader } from './truth.ts'

export const CLIENTS: Record<string, Client> = { assay, aiperf, guidellm }

const PACE = { first_ms: 200, tokens_per_s: 50 }
const TOKENS: [number, number] = [50, 150]
const RAMP_S = 2
/** Seconds that one request takes on average. */
const LENGTH_S = PACE.first_ms / 1000 + (TOKENS[0] + TOKENS[1]) / 2 / PACE.tokens_per_s

export interface Plan {
  clients: string[]
  streams: number[]
  repeats: number
  seconds: number
  scratch: string
}

/** `tell` hears of each run when it has ended, and of tools that are not there. */
export async function beside(
  plan: Plan,
  tell: (outcome: Outcome) => void,
  missing: (client: string) => void,
): Promise<Outcome[]> {
  const all: Outcome[] = []
  const gateway = await serveGateway(PACE, join(plan.scratch, 'journal-beside.jsonl'))
  const place = { gateway, journal: new JournalReader(gateway.journal), scratch: plan.scratch }
  try {
    for (const streams of plan.streams) {
      for (let round = 0; round < plan.repeats; round += 1) {
        for (const name of rotated(plan.clients, round)) {
          const client = CLIENTS[name]!
          const outcome = await runClient(client, workload(streams, plan.seconds), place)
          if (outcome === undefined) {
            if (round === 0 && streams === plan.streams[0]) missing(client.name)
            continue
          }
          all.push(outcome)
          tell(outcome)
        }
      }
    }
  } finally {
    await gateway.close()
  }
  return all
}

function workload(streams: number, seconds: number): Parameters<typeof runClient>[1] {
  return {
    model: 'gpt-4.1-mini',
    run: randomBytes(4).toString('hex'),
    streams,
    seconds,
    ramp_s: RAMP_S,
    warmup_s: 2 * RAMP_S,
    calibrate: 3,
    tokens: TOKENS,
    requests: Math.round((streams * (seconds + RAMP_S)) / LENGTH_S),
  }
}

/** No tool always comes first. */
function rotated<T>(list: T[], by: number): T[] {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}
