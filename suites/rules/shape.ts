import type { By, Finding, Json } from '../../reports/record/types.ts'
import { tierDocument } from '../../schemas/documents.ts'
import type { DialectPromise, Profile } from '../../specs/types.ts'
import { finding, note, type Placed, type Rule } from '../core/check.ts'
import { dig } from '../core/dig.ts'
import { type MessageKind, requiredFindings, schemaFindings, tierFindings } from '../core/schema.ts'
import type { StreamView } from '../core/stream-view.ts'
import type { Message } from './judged-messages.ts'

export type AnswerKind = Exclude<MessageKind, 'request'>

/** What the shape rules of a dialect are made of. */
export interface ShapeTable<V extends StreamView> {
  dialect: string
  /** The kinds of messages that come, in the order of the rules: the name that ids and titles have, and where they are. */
  kinds: Partial<Record<AnswerKind, { name: string; of(view: V): Message[] }>>
  /** Whose reads the tier `client` is about: `client:openai-node`, and its name in a sentence. */
  client: { tier: `client:${string}`; name: string }
  /** Rows that a rule answers beside those that the profile's own tables name, by the last part of its id: `reply-types`. */
  requirements: Record<string, string[]>
  /** What every refusal is; `milder`: where another body is a warning at most. */
  refusal: {
    title: string
    requirements: string[]
    expected: string
    fix: string
    milder?(view: V): boolean
  }
  /** Values whose wrong form deviates from the official word only, whatever the profile's own rows say. */
  onlyOfficial?(path: string, got: string): boolean
  /** Faults that a rule of the grammar tells. */
  toldByGrammar?(kind: AnswerKind, path: string, got: string): boolean
  /** How much less than its source has it a deviation weighs; `told`: another rule says it. */
  milder?(fault: Fault, view: V): Milder | undefined
}

/** A place in a message that is not as a schema or a tier has it. */
export interface Fault {
  kind: AnswerKind
  by: 'types' | 'official' | 'client'
  /** As `choices[].delta.content`. */
  path: string
  /** Whether it is not there. */
  missing: boolean
  value: Json | undefined
}

export type Milder = 'warn' | 'note' | 'told'

/** The keys and types of every message, in three tiers: what the profile promises, what clients need, what is official. */
export function shapeRules<V extends StreamView>(
  table: ShapeTable<V>,
  profile: Profile,
  promise: DialectPromise,
): Rule<V>[] {
  const rules: Rule<V>[] = []
  for (const kind of Object.keys(table.kinds) as AnswerKind[]) {
    const promised = kind === 'response' || kind === 'chunk' ? promise[kind] : {}
    const shapes = new Shapes(table, kind)
    if (Object.keys(promised).length > 0) rules.push(shapes.documented(promised))
    rules.push(shapes.types(promised, profile))
    for (const tier of ['official', 'client'] as const) {
      const rows = tierDocument(table.dialect, tier)[kind] ?? []
      if (rows.length > 0) rules.push(shapes.tier(tier))
    }
  }
  rules.push(envelope(table))
  return rules
}

type Promised = DialectPromise['response']

/** The rules of one kind of message. */
class Shapes<V extends StreamView> {
  readonly #table: ShapeTable<V>
  readonly #kind: AnswerKind
  readonly #name: string
  readonly #of: (view: V) => Message[]

  constructor(table: ShapeTable<V>, kind: AnswerKind) {
    this.#table = table
    this.#kind = kind
    const { name, of } = table.kinds[kind]!
    this.#name = name
    this.#of = of
  }

  /** What the profile's documents promise. */
  documented(promised: Promised): Rule<V> {
    return {
      ...this.#rule('documented'),
      title: `Every ${this.#name} carries the keys that the document promises`,
      requirements: [...new Set(Object.values(promised).flatMap((row) => row.requirements))],
      fix: 'Send every documented key, in each answer.',
      judge: (view) =>
        once(
          this.#of(view),
          (value) => requiredFindings(promised, value),
          (found, where) =>
            finding(where, found.expected, found.got, {
              ...(found.contradiction === undefined ? {} : { contradiction: found.contradiction }),
              ...(found.requirements[0] === undefined ? {} : { requirement: found.requirements[0] }),
            }),
        ),
    }
  }

  /** What any document says of a value that is there. */
  types(promised: Promised, profile: Profile): Rule<V> {
    const { dialect, onlyOfficial, toldByGrammar } = this.#table
    const kind = this.#kind
    const by = (sources: string[], path: string, got: string): { by: By; requirement?: string } => {
      if (onlyOfficial?.(path, got) === true) return { by: 'official' }
      const row = promised[path]
      if (row?.requirements[0] !== undefined) return { by: 'documented', requirement: row.requirements[0] }
      const own = sources.some((source) =>
        profile.documents.some((document) => source.startsWith(`${document}:`)),
      )
      return { by: own ? 'documented' : 'official' }
    }
    const rule = this.#rule('types')
    return {
      ...rule,
      title: `Every value in ${article(this.#name)} has a type and a range that a document gives it`,
      requirements: [
        ...new Set([...Object.values(promised).flatMap((row) => row.requirements), ...rule.requirements]),
      ],
      fix: 'Send each key with its documented type.',
      tier: 'official',
      judge: (view) =>
        once(
          this.#of(view),
          (value) =>
            schemaFindings(dialect, kind, value).filter(
              ({ pointer, got }) => toldByGrammar?.(kind, pattern(pointer), got) !== true,
            ),
          (found, where, value) =>
            this.#said(
              'types',
              found,
              value,
              view,
              where,
              by(found.sources, pattern(found.pointer), found.got),
            ),
        ),
    }
  }

  /** The finding of a fault, at its own weight or a milder one. */
  #said(
    by: Fault['by'],
    found: { pointer: string; missing?: string; expected: string; got: string },
    message: Json,
    view: V,
    where: Placed,
    said: Parameters<typeof finding>[3],
  ): Omit<Finding, 'id'> | undefined {
    const { pointer, missing, expected, got } = found
    const path = [pattern(pointer), missing].filter(Boolean).join('.')
    const value = missing === undefined ? valueAt(message, pointer) : undefined
    const fault = { kind: this.#kind, by, path, missing: missing !== undefined, value }
    switch (this.#table.milder?.(fault, view)) {
      case 'told':
        return undefined
      case 'note':
        return note(where, `${path}: ${got}`)
      case 'warn':
        return finding(where, expected, got, { ...said, atMost: 'warn' })
      default:
        return finding(where, expected, got, said)
    }
  }

  tier(which: 'official' | 'client'): Rule<V> {
    const { dialect, client } = this.#table
    return {
      ...this.#rule(which),
      title: `Every ${this.#name} carries what ${which === 'official' ? 'the official specification' : client.name} needs`,
      fix:
        which === 'official'
          ? 'Send every key that the specification requires; null where there is no value.'
          : 'Send what the client reads without a guard.',
      tier: which === 'official' ? 'official' : client.tier,
      judge: (view) =>
        once(
          this.#of(view),
          (value) => tierFindings(dialect, which, this.#kind, value),
          (found, where, value) =>
            this.#said(which, found, value, view, where, { by: found.by, why: found.why }),
        ),
    }
  }

  #rule(which: string): Pick<Rule<V>, 'id' | 'requirements' | 'on'> {
    const name = `${this.#name}-${which}`
    return {
      id: `${this.#table.dialect}/shape/${name}`,
      requirements: this.#table.requirements[name] ?? [],
      on: (view) => this.#of(view).length > 0,
    }
  }
}

/** Every refusal, whatever was wrong, has the same outer form. */
function envelope<V extends StreamView>({ dialect, refusal }: ShapeTable<V>): Rule<V> {
  const { expected, milder, ...said } = refusal
  return {
    id: `${dialect}/shape/error-envelope`,
    ...said,
    tier: 'official',
    // A server's HTTP parser may refuse what is no HTTP before anything that knows the dialect sees it.
    // A HEAD is answered without a body.
    on: (view) => view.status >= 400 && view.exchange.request.method !== 'HEAD' && !brokenFraming(view),
    *judge(view) {
      if (view.error !== undefined) return
      const got = view.text || 'an empty body'
      const less = milder?.(view) === true ? { atMost: 'warn' as const } : {}
      yield finding(view.at(0, view.body.byteLength), expected, got, { by: 'official', ...less })
    },
  }
}

function brokenFraming(view: StreamView): boolean {
  return view.exchange.request.headers.some(
    ([name, value]) => name.toLowerCase() === 'content-length' && !/^\d+$/.test(value),
  )
}

/** The first finding of each path is enough: a stream repeats its faults in every chunk. */
function* once<T extends { pointer: string; expected: string }>(
  messages: Message[],
  judge: (value: Json) => T[],
  // Finding a place costs a walk through the whole message: only what is told gets one.
  say: (found: T, where: Placed, message: Json) => Omit<Finding, 'id'> | undefined,
): Iterable<Omit<Finding, 'id'>> {
  const seen = new Set<string>()
  for (const { value, place } of messages) {
    for (const found of judge(value)) {
      const key = `${pattern(found.pointer)} ${found.expected}`
      if (seen.has(key)) continue
      seen.add(key)
      const told = say(found, place(found.pointer), value)
      if (told !== undefined) yield told
    }
  }
}

/** `/choices/0/delta` as `choices[].delta`. */
function pattern(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .reduce(
      (path, token) => (/^\d+$/.test(token) ? `${path}[]` : path === '' ? token : `${path}.${token}`),
      '',
    )
}

function valueAt(message: Json, pointer: string): Json | undefined {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return dig(message, ...steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step)))
}

function article(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
}
