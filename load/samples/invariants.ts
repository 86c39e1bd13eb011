import { BadSample, type Cell, type Layout, numberAt, shown, textAt } from './columns.ts'
import type { RequestTimes } from './objectives.ts'
import { Places } from './places.ts'

/** What a row said of how it ended. */
interface Ended {
  outcome: string
  error: string | undefined
  status: number
  /** Of a request that was still open when the run ended: since when nothing had come, at least, µs. */
  silent_us: number | undefined
}

/** A request that was open when the run ended. */
export interface Open {
  id: string
  silent_us: number
}
/** Open requests that are kept: more are in flight at a time in no run of ours. */
const MOST_OPEN = 100_000

/** Ends of a text that is no ordinary answer: a tool call, a refusal. A nonce need not be in it. */
const OTHER_ENDS: ReadonlySet<string> = new Set([
  'tool_calls',
  'tool_use',
  'function_call',
  'content_filter',
  'refusal',
  'pause_turn',
])
/** Noted words that are kept. */
const MOST_WORDS = 100_000
/** A nonce costs a model so many tokens, with room to spare. */
const NONCE_TOKENS = 24
/** Statuses by which an overloaded or limited gateway may say so. */
const CALM: ReadonlySet<number> = new Set([429, 503, 529])

/** What must hold in every single response, warm-up included: deviations with their rows. */
export class Invariants {
  /** Responses that must finish: neither left by us nor refused. */
  owed = 0
  /** By outcome or error class. */
  readonly unfinished = new Places()
  /** Responses whose stream was read against the grammar, and the rules that they broke. */
  streams = 0
  /** Streams that came to an end of their own, right or wrong. */
  whole = 0
  readonly broken = new Places()
  /** Rules that were broken by a stream that did not get to its end, which cannot keep them. */
  finished = 0
  readonly usage = new Places()
  /** Finished answers with and without usage, streams and others apart. */
  readonly billed = { stream: 0, plain: 0 }
  readonly unbilled = { stream: new Places(), plain: new Places() }
  /** Finished answers whose counted tokens are no more than the billed ones. */
  covered = 0
  readonly uncovered = new Places()
  readonly nonces = { back: 0, none: 0 }
  readonly missing = new Places()
  /** Answers with a word of this run that is not theirs; and those words, as far as the scenario noted them. */
  readonly foreign = new Places()
  readonly words: { row: string; word: string }[] = []
  readonly open: Open[] = []
  /** The longest time in which nothing came of an answer that finished, µs. */
  longest_us = 0
  readonly refusals = new Places()
  refused = 0

  readonly #drain_us: number

  /** `drain_us`: how long the run waits for open requests at its end. */
  constructor(drain_us: number) {
    this.#drain_us = drain_us
  }

  /**
   * From where on silence is no slowness: as long as the run waits for open requests at its end, and twice as long as any
   * answer that finished had us wait.
   */
  get overdue_us(): number {
    return Math.max(this.#drain_us, 2 * this.longest_us)
  }

  /** A note: the word of another request that stood in the answer of a row. */
  word({ row, word }: Record<string, unknown>): void {
    if (typeof row !== 'number' || typeof word !== 'string' || this.words.length >= MOST_WORDS) return
    this.words.push({ row: String(row), word })
  }

  /** How long an answer that finished had us wait. */
  heard({ ttfb, ttft, stall }: RequestTimes): void {
    this.longest_us = Math.max(this.longest_us, ttfb ?? 0, ttft ?? 0, stall ?? 0)
  }

  row(row: readonly Cell[], layout: Layout, { outcome, error, status, silent_us }: Ended): void {
    const left = outcome === 'hung-up' || outcome === 'stopped' || error === 'capped' || error === 'stopped'
    const finished = outcome === 'finished'
    const id = () => String(row[layout.id])
    if (outcome === 'refused') {
      // A key that is hammered although it is exhausted is refused for that, however it is said.
      if (row[layout.phase] === 'hammer') return
      this.refused += 1
      if (!CALM.has(status)) this.refusals.add(String(status), id())
    } else if (silent_us !== undefined) {
      if (this.open.length < MOST_OPEN) this.open.push({ id: id(), silent_us })
    } else if (!left) {
      this.owed += 1
      if (finished) this.finished += 1
      else this.unfinished.add(error === undefined ? outcome : `${outcome} (${error})`, id())
    }
    if (status < 200 || status >= 300) return
    this.#grammar(row, layout, finished || outcome === 'unfinished' || outcome === 'failed', id)
    this.#nonce(row, layout, finished, id)
    if (finished) this.#usage(row, layout, id)
  }

  #grammar(row: readonly Cell[], layout: Layout, ended: boolean, id: () => string): void {
    const broken = row[layout.broken]
    if (row[layout.stream] === false && (broken === null || !Array.isArray(broken) || broken.length === 0))
      return
    this.streams += 1
    if (ended) this.whole += 1
    if (broken === null) return
    if (!Array.isArray(broken)) throw new BadSample(`broken is ${shown(broken)}, not an array`)
    for (const rule of broken) {
      if (typeof rule !== 'string') throw new BadSample(`broken holds ${shown(rule)}, not the id of a rule`)
      this.broken.add(ended ? rule : `${rule}${CUT}`, id())
    }
  }

  #nonce(row: readonly Cell[], layout: Layout, finished: boolean, id: () => string): void {
    const nonce = textAt(row, layout.nonce, 'nonce')
    if (nonce === 'back') this.nonces.back += 1
    else if (nonce === 'foreign') this.foreign.add('foreign', id())
    else if (nonce !== 'missing') this.nonces.none += 1
    else if (finished && !OTHER_ENDS.has(textAt(row, layout.finish, 'finish') ?? '')) {
      const most = numberAt(row, layout.max_tokens, 'max_tokens')
      if (most === undefined || most >= NONCE_TOKENS) this.missing.add('missing', id())
      else this.nonces.none += 1
    } else this.nonces.none += 1
  }

  #usage(row: readonly Cell[], layout: Layout, id: () => string): void {
    const way = row[layout.stream] === false ? 'plain' : 'stream'
    const completion = numberAt(row, layout.completion_tokens, 'completion_tokens')
    if (completion === undefined) {
      this.unbilled[way].add('absent', id())
      return
    }
    this.billed[way] += 1
    const tokens = numberAt(row, layout.tokens, 'tokens') ?? 0
    const most = numberAt(row, layout.max_tokens, 'max_tokens')
    const reasoning = numberAt(row, layout.reasoning_tokens, 'reasoning_tokens') ?? 0
    const prompt = numberAt(row, layout.prompt_tokens, 'prompt_tokens') ?? 0
    if (completion < 0 || prompt < 0 || reasoning < 0) this.usage.add('negative', id())
    else if (most !== undefined && completion > most) {
      // Some bound the answer by it and not the thoughts before it.
      this.usage.add(completion - reasoning > most ? 'above-bound' : 'thoughts-above-bound', id())
    } else if (completion === 0 && tokens > 0) this.usage.add('nothing-billed', id())
    if (reasoning > completion) this.usage.add('reasoning', id())
    if (tokens > completion) this.uncovered.add('uncovered', id())
    else this.covered += 1
  }
}

/** Behind the id of a rule that a stream broke which did not get to its end. */
export const CUT = ' (cut)'
