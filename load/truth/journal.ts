import { eachLine, SamplesUnreadable } from '../samples/lines.ts'

/** When the reference gateway really wrote the tokens of one answer. Nanoseconds of the machine's monotonic clock. */
export interface TrueAnswer {
  /** Middle of each write that carried tokens: over loopback its bytes are with the client when the call returns. */
  token_ns: number[]
  /** Middle of the last write. */
  last_ns: number
  /** Longest of these writes: what the truth itself is not sure of. */
  blur_ns: number
}

interface Entry {
  nonce: string | null
  before_ns: number[]
  after_ns: number[]
  tokens: number[]
  end: string
}

/** The whole answers in the journal of the reference gateway, by the word of their request. */
export async function readJournal(file: string): Promise<Map<string, TrueAnswer>> {
  const answers = new Map<string, TrueAnswer>()
  let zero: number | undefined
  await eachLine(file, (text, number, ended) => {
    if (text === '' || !ended) return
    let line: { clock?: { monotonic_ns?: unknown } } & Partial<Entry>
    try {
      line = JSON.parse(text)
    } catch {
      throw new SamplesUnreadable(`${file}:${number}: it is not JSON`)
    }
    const started = line.clock?.monotonic_ns
    if (zero === undefined) {
      if (typeof started !== 'number') throw new SamplesUnreadable(`${file}:${number}: it gives no clock`)
      zero = started
      return
    }
    const { nonce, end, before_ns, after_ns, tokens } = line
    if (typeof nonce !== 'string' || end !== 'finished' || !before_ns || !after_ns || !tokens) return
    const from = zero
    const middle = before_ns.map((before, i) => from + (before + (after_ns[i] ?? before)) / 2)
    const last_ns = middle.at(-1)
    if (last_ns === undefined) return
    answers.set(nonce, {
      token_ns: middle.filter((_, i) => (tokens[i] ?? 0) > 0),
      last_ns,
      blur_ns: before_ns.reduce((most, before, i) => Math.max(most, (after_ns[i] ?? before) - before), 0),
    })
  })
  return answers
}
