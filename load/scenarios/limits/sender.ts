/**
 * Sends batches of planned requests by way of k6/http and makes samples of what comes: one virtual user, many requests
 * at once. k6/http buffers an answer: `timings` tell when its first byte came, and who hangs up does so by a timeout.
 */
import http from 'k6/http'
import { setTimeout } from 'k6/timers'
import type { Batch, Planned, Reply } from '../../infer/plan/types.ts'
import type { Sample } from '../../infer/types.ts'
import type { Order } from '../../order.ts'
import { Pace } from './pace.ts'
import type { Prompted, Prompts } from './prompt.ts'
import { envelopeOf, type Headers, limitsOf, retryAfterOf, usageOf } from './reply.ts'

/** One line of the sample file. */
export interface Row extends Sample {
  id: number
  part: 'plan' | 'probes'
  /** Body of what was not let in: its beginning, secrets masked. */
  body?: string
  /** Whether the tokens are the gateway's own count. */
  usage: 'reported' | 'estimated'
  /** k6's code of what went wrong. */
  error_code?: number
  /** It came again: the first answer (a 5xx, a dropped connection) decided nothing. */
  again?: true
}

export interface Door {
  now(): number
  wall(): number
  print(row: Row): void
  mask(text: string): string
  /** Called with every answer; throws where it is no use to go on. */
  watch(row: Row): void
}

/** What k6 tells of one exchange. */
export interface Exchange {
  status: number
  error: string
  error_code: number
  body: string
  headers: Headers
  timings: { waiting: number; receiving: number }
}

/** Longest beginning of a refusal's body that is kept, characters. */
const KEPT = 2000
/** k6's code for a deadline of ours. */
const TIMED_OUT = 1050
const AGAIN_MS = 250

export interface Addressed {
  keys: { role: string; value: string }[]
  models: string[]
  headers: Record<string, string>
}

export class Sender {
  part: Row['part'] = 'plan'
  requests = 0
  tokens = 0
  readonly #order: Order
  readonly #prompts: Prompts
  readonly #to: Addressed
  readonly #door: Door
  readonly #pace = new Pace()
  #id = 0
  #sentAt: number[] = []
  #refuses = false

  constructor(order: Order, prompts: Prompts, to: Addressed, door: Door) {
    this.#order = order
    this.#prompts = prompts
    this.#to = to
    this.#door = door
  }

  async send(batch: Batch): Promise<Reply> {
    const samples = await Promise.all(batch.map((planned) => this.#decided(planned)))
    return { now: Math.max(this.#door.now(), ...samples.map(({ endedAt }) => endedAt)), samples }
  }

  /** A server's failure decides nothing about a limit that is known to refuse with 429: it is asked once more. */
  async #decided(planned: Planned): Promise<Sample> {
    const first = await this.#one(planned)
    const failed = !first.admitted && (first.status === 0 || first.status >= 500)
    if (!failed || !this.#refuses) return first
    await sleep(AGAIN_MS)
    return this.#one({ ...planned, at: this.#door.now() }, true)
  }

  async #one(planned: Planned, again = false): Promise<Row> {
    const { target, deadlines } = this.#order
    const door = this.#door
    await this.#due(planned.at)
    const model = this.#to.models[planned.model] ?? target.model
    const key = this.#to.keys[planned.key] ?? this.#to.keys[0] ?? { role: 'default', value: '' }
    const made = this.#prompts.make(planned, model)
    const hangUp =
      planned.cancelAfter === undefined ? undefined : this.#pace.until(planned.cancelAfter, planned.maxTokens)
    this.requests++
    const sentAt = door.now()
    const exchange = await ask(target.url, JSON.stringify(made.body), {
      headers: {
        'content-type': 'application/json',
        ...this.#to.headers,
        ...(key.value !== '' && { [target.auth.header]: target.auth.prefix + key.value }),
      },
      timeout: hangUp ?? deadlines.total_ms,
    })
    const seen = { sentAt, endedAt: door.now(), key: key.role, model }
    const row = this.#row(planned, made, exchange, seen, hangUp)
    if (again) row.again = true
    this.tokens += row.promptTokens + Math.max(row.maxTokens, row.maxCompletionTokens ?? 0)
    door.print(row)
    if (row.status === 429) this.#refuses = true
    door.watch(row)
    return row
  }

  /** Not before its time, and never more in a second than the order allows. */
  async #due(at: number): Promise<void> {
    const { rate } = this.#order.caps
    for (;;) {
      const now = this.#door.now()
      this.#sentAt = this.#sentAt.filter((sent) => sent > now - 1000)
      const full = this.#sentAt.length >= rate
      const wait = Math.max(at - now, full ? (this.#sentAt[0] ?? now) + 1000 - now : 0)
      if (wait <= 0.5 && !full) break
      await sleep(Math.max(1, wait))
    }
    this.#sentAt.push(this.#door.now())
  }

  #row(
    planned: Planned,
    made: Prompted,
    came: Exchange,
    { sentAt, endedAt, key, model }: { sentAt: number; endedAt: number; key: string; model: string },
    hangUp: number | undefined,
  ): Row {
    const size = this.#prompts.size(made.long)
    const { status, body, headers, timings } = came
    // A refusal is short and comes at once: what was still going on when we hung up had been let in.
    const gaveUp = hangUp !== undefined && came.error_code === TIMED_OUT
    const admitted = gaveUp || (status >= 200 && status < 300)
    const usage = admitted ? usageOf(body, planned.stream) : { chunks: 0 }
    if (usage.prompt !== undefined) size.learn(made.words, usage.prompt)
    const firstAt = Math.max(sentAt, endedAt - timings.receiving)
    const answered = status > 0 || (gaveUp && timings.receiving > 0)
    const completion = usage.completion ?? usage.chunks
    const given = this.#pace.tokens(endedAt - sentAt, planned.maxTokens)
    if (admitted && planned.stream && !gaveUp) this.#pace.learn({ sentAt, firstAt, endedAt, completion })
    const wall = this.#door.wall()
    const aim = this.#order.scenario === 'tpm' ? 'tokens' : 'requests'
    const limits = limitsOf(headers, aim, wall)
    const wait = admitted ? undefined : retryAfterOf(headers, wall)
    return {
      id: this.#id++,
      part: this.part,
      key,
      model,
      sentAt,
      ...(answered && { firstAt }),
      endedAt,
      status: gaveUp ? 200 : status,
      admitted,
      promptTokens: usage.prompt ?? size.tokens(made.words),
      completionTokens: gaveUp ? given : completion,
      maxTokens: planned.maxTokens,
      ...(planned.maxCompletionTokens !== undefined && { maxCompletionTokens: planned.maxCompletionTokens }),
      stream: planned.stream,
      ...(gaveUp && { cancelledAfter: given }),
      ...(wait !== undefined && { retryAfter_s: wait }),
      ...(limits && { limits }),
      ...(!admitted && { bodyBytes: body.length, envelope: envelopeOf(body) }),
      ...(!admitted && body !== '' && { body: this.#door.mask(body).slice(0, KEPT) }),
      ...(planned.probe !== undefined && { probe: planned.probe }),
      ...(!gaveUp && came.error !== '' && { error: this.#door.mask(came.error).slice(0, 200) }),
      ...(!gaveUp && came.error_code !== 0 && { error_code: came.error_code }),
      usage: usage.prompt === undefined ? 'estimated' : 'reported',
    }
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function ask(
  url: string,
  body: string,
  params: { headers: Record<string, string>; timeout: number },
): Promise<Exchange> {
  const { headers, timeout } = params
  const came = await http.asyncRequest('POST', url, body, {
    headers,
    timeout,
    redirects: 0,
    responseType: 'text',
  })
  const lower: Headers = {}
  for (const [name, value] of Object.entries(came.headers)) lower[name.toLowerCase()] = value
  return {
    status: came.status,
    error: came.error ?? '',
    error_code: came.error_code ?? 0,
    body: typeof came.body === 'string' ? came.body : '',
    headers: lower,
    timings: came.timings,
  }
}
