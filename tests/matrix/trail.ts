/**
 * What each hook of a twist is given on the way to one answer, kept so that a twist can be asked again without the
 * gateway: where every hook gives back what it was given, the gateway goes the same way and writes the same bytes.
 */
import { deserialize, serialize } from 'node:v8'
import type { Twist } from '../../fixtures/gateway/twist.ts'

export type Hook = Exclude<keyof Twist, 'options'>

const HOOKS: Hook[] = [
  'receive',
  'admit',
  'act',
  'answer',
  'reply',
  'chunks',
  'error',
  'head',
  'frames',
  'body',
  'end',
  'raw',
  'garbled',
]

/** Hooks that are given a socket, or change what is asked of the gateway: only a gateway can tell what they do. */
const BY_HEARING: ReadonlySet<string> = new Set(['options', 'raw', 'garbled'])

interface Stage {
  hook: Hook
  /** What the hook is given as data, as it was; `given` is the same, made anew where a hook has spoilt it. */
  kept: Buffer
  given: unknown[]
  /** The first of them alone. */
  keptFirst: Buffer
  /** What is given beside data: functions and the profile, which no hook changes. */
  context: unknown[]
}

type Asked = (this: Twist, ...given: unknown[]) => unknown

export class Trail {
  readonly #stages: Stage[] = []
  readonly #asked = new Set<string>()

  /** A twist that changes nothing and notes what its hooks are given. */
  listener(): Twist {
    const tell = (hook: Hook): Asked => {
      const note = this.#note.bind(this, hook)
      return (...given) => {
        note(given)
        return hook === 'raw' || hook === 'garbled' ? false : hook === 'end' ? undefined : given[0]
      }
    }
    return Object.fromEntries(HOOKS.map((hook) => [hook, tell(hook)])) as Twist
  }

  /** Whether a twist may change something on this way. Where it may, the answer has to be heard. */
  mayChange(twist: Twist): boolean {
    for (const key of Object.keys(twist))
      if (BY_HEARING.has(key) && (key === 'options' || this.#asked.has(key))) return true
    return this.#stages.some((stage) => {
      const ask = twist[stage.hook] as Asked | undefined
      return ask !== undefined && changes(stage, twist, ask)
    })
  }

  #note(hook: Hook, given: unknown[]): void {
    this.#asked.add(hook)
    if (BY_HEARING.has(hook)) return
    const count = hook === 'receive' || hook === 'end' ? 1 : 2
    const copy = deserialize(serialize(given.slice(0, count))) as unknown[]
    this.#stages.push({
      hook,
      // Of the copy: the same text has more than one form in memory, and each is written in its own way.
      kept: serialize(copy),
      given: copy,
      keptFirst: serialize(copy[0]),
      context: given.slice(count),
    })
  }
}

function changes(stage: Stage, twist: Twist, ask: Asked): boolean {
  const { given, hook } = stage
  const first = given[0]
  try {
    const made = ask.call(twist, ...given, ...stage.context)
    if (serialize(given).equals(stage.kept)) {
      if (hook === 'end') return made !== undefined
      // A refusal may be taken back; any other hook that gives nothing has changed its value in place.
      const held = hook === 'admit' ? made : (made ?? first)
      return held !== first && !serialize(held).equals(stage.keptFirst)
    }
  } catch {
    // The gateway shows what comes of it.
  }
  stage.given = deserialize(stage.kept) as unknown[]
  return true
}
