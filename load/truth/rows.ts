import { eachLine, SamplesUnreadable } from '../samples/lines.ts'

/** One finished request as the meter saw it. Arrivals are nanoseconds of the machine's monotonic clock. */
export interface SeenAnswer {
  nonce: string
  phase: string
  first_ns: number
  last_ns: number
  /** How late its reads came at most, by the last bytes of each, milliseconds. */
  lag_ms: number
  /** Longest gap between reads with tokens, milliseconds. */
  gap_ms: number
  /** Tokens that came together with others. */
  coalesced: number
}

const NEEDED = [
  'nonce_sent',
  'phase',
  'outcome',
  'start_us',
  'connect_us',
  'write_us',
  'ttft_us',
  'e2e_us',
  'lag_us',
  'stall_us',
  'coalesced_tokens',
] as const

/** The finished requests of a sample file, on the clock that the gateway's journal has too. */
export async function readRows(file: string): Promise<SeenAnswer[]> {
  const seen: SeenAnswer[] = []
  let columns: Map<string, number> | undefined
  let clock: { at_us: number; monotonic_ns: number } | undefined
  await eachLine(file, (text, number, ended) => {
    if (!ended) return
    if (columns === undefined) {
      const head = JSON.parse(text) as { columns: string[]; clock?: typeof clock }
      columns = new Map(head.columns.map((name, i) => [name, i]))
      clock = head.clock
      const missing = NEEDED.find((name) => columns?.has(name) !== true)
      if (missing !== undefined || clock === undefined) {
        throw new SamplesUnreadable(`${file}:${number}: it has no ${missing ?? 'clock'}`)
      }
      return
    }
    if (!text.startsWith('[')) return
    const row = JSON.parse(text) as (string | number | null)[]
    const cell = (name: (typeof NEEDED)[number]) => row[columns?.get(name) ?? -1] ?? null
    const ns = (...parts: (string | number | null)[]) => {
      const us = parts.reduce<number>((sum, part) => sum + Number(part), 0)
      return (clock?.monotonic_ns ?? 0) + (us - (clock?.at_us ?? 0)) * 1000
    }
    const [first, last, nonce] = [cell('ttft_us'), cell('e2e_us'), cell('nonce_sent')]
    if (cell('outcome') !== 'finished' || first === null || last === null || nonce === null) return
    const sent = [cell('start_us'), cell('connect_us'), cell('write_us')]
    seen.push({
      nonce: String(nonce),
      phase: String(cell('phase')),
      first_ns: ns(...sent, first),
      last_ns: ns(...sent, last),
      lag_ms: Number(cell('lag_us') ?? 0) / 1000,
      gap_ms: Number(cell('stall_us') ?? 0) / 1000,
      coalesced: Number(cell('coalesced_tokens') ?? 0),
    })
  })
  return seen
}
