import type { Exchange, FieldFate, Finding, Level, Place } from '../../reports/record/types.ts'
import type { DialectPromise, Profile } from '../../specs/types.ts'
import type { Step } from './probe.ts'
import type { View } from './view.ts'

/** What a judge may say. `decide` alone makes a verdict of it. */
export type Outcome =
  | Omit<Finding, 'id'>
  /** The fate that a field was seen to have. */
  | { fate: FieldFate['observed']; where: Placed; status: number; got: string }
  /** The question could not be answered by what came (never green, never red). */
  | { inconclusive: string }

/** The conversations that a check asked for, by name: the view of the last exchange; `turns` has all of them. */
export type Asked<V extends View = View> = Record<string, Conversation<V>>
export type Conversation<V extends View = View> = V & { turns: V[] }

/** A question with the probes that it needs and a pure judge. */
export interface Check<V extends View = View> {
  /** `<dialect>/<subject>/<point>`, stable. */
  id: string
  /** One sentence that is true where the gateway is right. */
  title: string
  /** Requirements it answers. It applies to a profile that holds one of them. */
  requirements: string[]
  /** What the gateway's maker should do. */
  fix: string
  ask: Record<string, Step[]>
  /** Other dialects that its probes speak: it applies only where all of them are selected too. */
  also?: string[]
  /**
   * `success` (default): every exchange must be a success of the kind asked for (a 200 reply or stream), else the
   * check fails by itself, or is blocked where a check in `needs` is not a pass. `any`: the judge looks at whatever came.
   */
  expects?: 'success' | 'any'
  /** Checks that must have passed. Default: the dialect's plain reply and, for streams, its plain stream. */
  needs?: string[]
  /** Behaviour that depends on the model's mood: asked again (`fresh`) at most `tries` times (default 3) until it shows. */
  elicit?: { ask: string; shows(reply: Conversation<V>): boolean; tries?: number }
  /** Why the user's options leave it out: it is not asked, and a skip by choice. Its `ask` is empty then. */
  leftOut?: string
  /** Path of the request field that this check is about (a row of the fate table). */
  field?: string
  /** Synchronous and pure: no clock, no network, no state. */
  judge(asked: Asked<V>): Iterable<Outcome>
}

/** A standing law that judges every exchange of its dialect. */
export interface Rule<V extends View = View> {
  id: string
  title: string
  requirements: string[]
  fix: string
  /** A tier that applies on every profile; where the profile does not claim it, a deviation is a warning. */
  tier?: 'official' | `client:${string}`
  /** Whether the rule has anything to say about this exchange. */
  on(view: V): boolean
  judge(view: V): Iterable<Omit<Finding, 'id'>>
}

/** What checks and rules are made for: one dialect of one profile, with one model. */
export interface Ground {
  profile: Profile
  promise: DialectPromise
  model: string
  capabilities: string[]
  /** Models that are activated for the key; undefined: nobody said. */
  models?: readonly string[]
  /** Level of a question that answers these requirements; undefined: the profile holds none of them. */
  level(requirements: readonly string[]): Level | undefined
}

/** All that the core knows of a protocol family. A second dialect is a second value of this type, nothing else. */
export interface Dialect<V extends View = View> {
  id: string
  view(exchange: Exchange): V
  checks(ground: Ground): Check<V>[]
  rules(ground: Ground): Rule<V>[]
  /** Whether the exchange is a success of the kind that the probe asked for. */
  succeeded(view: V): boolean
  /** Whether an answer that began says that the gateway has too much to do: it decides nothing, as a 429 does not. */
  overloaded?(view: V): boolean
  /** Upper bound of the tokens that a probe's body can cost. */
  tokens(body: unknown): number
  /** Check ids that a check with `expects: success` needs by default. */
  plain: { reply: string; stream: string }
}

/** Anything that knows its place: a view, a chunk, a header. */
export interface Placed {
  place: Place
}

/** A deviation from what the profile's documents (or `by`) say. */
export function finding(
  where: Placed,
  expected: string,
  got: unknown,
  more: Partial<Pick<Finding, 'by' | 'atMost' | 'contradiction' | 'requirement' | 'why'>> = {},
): Omit<Finding, 'id'> {
  return { by: 'documented', ...more, expected, got: show(got), at: where.place }
}

/** Something only to be recorded. */
export function note(where: Placed, text: string): Omit<Finding, 'id'> {
  return { by: 'observe', expected: '', got: text, at: where.place }
}

const SHOWN = 300

/** A value for a person: strings as they are, everything else as bounded JSON. */
export function show(value: unknown): string {
  if (typeof value === 'string') return clip(value)
  if (value === undefined) return 'nothing'
  return clip(shallow(value, 4))
}

function clip(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text
}

/** JSON down to `depth`, so that a hostile nesting cannot overflow the stack. */
function shallow(value: unknown, depth: number): string {
  if (Array.isArray(value)) {
    if (depth === 0) return '[…]'
    const items = value.slice(0, 20).map((v) => shallow(v, depth - 1))
    return `[${items.join(',')}${value.length > 20 ? ',…' : ''}]`
  }
  if (typeof value === 'object' && value !== null) {
    if (depth === 0) return '{…}'
    const entries = Object.entries(value)
    const items = entries
      .slice(0, 20)
      .map(([k, v]) => `${JSON.stringify(k.slice(0, SHOWN))}:${shallow(v, depth - 1)}`)
    return `{${items.join(',')}${entries.length > 20 ? ',…' : ''}}`
  }
  if (typeof value === 'string') return JSON.stringify(clip(value))
  return String(value)
}
