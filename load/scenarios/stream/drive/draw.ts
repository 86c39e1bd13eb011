/** Which request is the nth: everything about it follows from the order and its number. Pure. */
import type { Order } from '../../../order.ts'
import { type Bodies, bodyOf, boundOf } from '../../prompts/body.ts'
import type { OwnPrompt } from '../../prompts/jsonl.ts'
import { between, inShare, scramble, seedOf, uniform, unscramble } from '../../prompts/random.ts'
import type { Words } from '../../prompts/words.ts'
import { optionsOf } from '../plan/defaults.ts'
import { usersOf } from '../plan/k6-options.ts'

/** What prompts are made of. */
export interface Material {
  bodies: Bodies
  words: Words
  /** The user's prompts, where there are some. */
  own?: readonly OwnPrompt[]
}

export interface Drawn {
  body: object
  stream: boolean
  nonce: string
  model: string
  max_tokens: number
  prompt_tokens: number
}

/** What a phase wants otherwise than `order.requests` says. */
export interface Wish {
  /** Always a stream. */
  stream?: true
}

/** Salts of the evenly spread shares. */
const STREAM = 0
const TOOLS = 1
const LONG = 2

/** `number`: of this run, each used once, below 2^32: nonces of different numbers differ. */
export function draw(order: Order, material: Material, number: number, wish: Wish = {}): Drawn {
  const { requests, target } = order
  const random = uniform(seedOf(order.seed, number))
  const stream = wish.stream ?? inShare(requests.stream_share, number, STREAM)
  const tools = inShare(requests.tools_share, number, TOOLS)
  const { bodies, own } = material
  const model = target.models[number % target.models.length] ?? target.model
  const nonce = nonceOf(order, number)
  const fixed = bodies.overhead_tokens + (tools ? bodies.tools_tokens : 0)
  const bound = between(requests.max_tokens, random())
  const length = lengthOf(order, number, random())
  const place = random()
  const ownPrompt = own?.[number % own.length]
  const max_tokens = ownPrompt?.max_tokens ?? bound
  const words = Math.max(1, length - fixed)
  const text = ownPrompt ?? material.words.take(place, words)
  const body = bodyOf(bodies, target.dialect, {
    model,
    nonce,
    stream,
    tools,
    limit_field: target.limit_field,
    max_tokens,
    text,
    ...(requests.extra === undefined ? {} : { extra: requests.extra }),
  })
  const prompt_tokens = fixed + (ownPrompt?.tokens ?? words)
  const bound_tokens = boundOf(body, target.limit_field, max_tokens)
  return { body, stream, nonce, model, max_tokens: bound_tokens, prompt_tokens }
}

/** `assay-<run>-<8 hex>`: different for each number, and not similar for neighbours. */
export function nonceOf(order: Pick<Order, 'run' | 'seed'>, number: number): string {
  return `assay-${order.run}-${scramble((number ^ order.seed) >>> 0)
    .toString(16)
    .padStart(8, '0')}`
}

/** Whether a nonce of this run is that of one of its requests, of which there were no more than `requests`. */
export function isOf(order: Order, nonce: string, requests: number): boolean {
  const hex = /^assay-([0-9a-f]{8})-([0-9a-f]{8})$/.exec(nonce)
  if (hex === null || hex[1] !== order.run) return false
  const number = (unscramble(Number.parseInt(hex[2] ?? '', 16)) ^ order.seed) >>> 0
  // The virtual users count each for itself: one may be ahead of the others.
  const users = usersOf(order)
  return number < (requests + users) * users
}

/** Mixed prompts are long or short; the others are drawn from the whole range. */
function lengthOf(order: Order, number: number, drawn: number): number {
  const { prompt_tokens } = order.requests
  if (order.scenario !== 'mixed') return between(prompt_tokens, drawn)
  return prompt_tokens[inShare(optionsOf(order, 'mixed').long_share, number, LONG) ? 1 : 0]
}
