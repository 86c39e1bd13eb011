import type { By, Finding, Json } from '../../reports/record/types.ts'
import type { DialectPromise, Profile } from '../../specs/types.ts'
import { finding, type Placed, type Rule } from '../core/check.ts'
import { isObject } from '../core/dig.ts'
import { type MessageKind, requiredFindings, schemaFindings, tierFindings } from '../core/schema.ts'
import type { ChatView } from './view.ts'

interface Message {
  value: Json
  place(pointer: string): Placed
}

type Kind = Exclude<MessageKind, 'request'>

const KINDS: Record<Kind, { name: string; of(view: ChatView): Message[] }> = {
  response: {
    name: 'reply',
    of: (view) =>
      view.reply === undefined || view.error !== undefined || !view.askedRightly
        ? []
        : [{ value: view.reply, place: (pointer) => view.pointed(pointer) }],
  },
  chunk: {
    name: 'chunk',
    of: (view) =>
      (view.askedRightly ? view.chunks : [])
        .filter((chunk) => !chunk.foreign && (chunk.value.error === undefined || chunk.value.error === null))
        .map((chunk) => ({ value: chunk.value, place: (pointer) => chunk.pointed(pointer) })),
  },
  error: {
    name: 'error',
    of: (view) =>
      view.status >= 400 && isObject(view.json.value) && isObject(view.json.value.error)
        ? [{ value: view.json.value, place: (pointer) => view.pointed(pointer) }]
        : [],
  },
}

/** Official rows that a rule answers beside those that the profile's own tables name. */
const REQUIREMENTS: Record<string, string[]> = {
  'reply-types': ['OAI-CHAT-res-optional', 'OAI-CHAT-res-logprobs-content'],
  'chunk-types': [
    'OAI-CHAT-stream-delta-content',
    'OAI-CHAT-stream-delta-refusal',
    'OAI-CHAT-stream-obfuscation',
    'PT-SSE-undocumented',
  ],
  'error-types': ['OAI-CHAT-error-message', 'OAI-CHAT-error-type', 'PT-ERR-envelope'],
  'error-official': ['OAI-CHAT-error-param', 'OAI-CHAT-error-code'],
  'reply-client': ['OAI-CHAT-sdk-node', 'TH-OAI-SDK-node'],
  'chunk-client': ['OAI-CHAT-sdk-node', 'TH-OAI-SDK-node'],
}

/** The keys and types of every message, in three tiers: what the profile promises, what clients need, what is official. */
export function shapes(profile: Profile, promise: DialectPromise): Rule<ChatView>[] {
  const rules: Rule<ChatView>[] = []
  for (const kind of ['response', 'chunk', 'error'] as const) {
    const promised = kind === 'error' ? {} : promise[kind]
    const { name } = KINDS[kind]
    if (Object.keys(promised).length > 0) rules.push(documented(kind, name, promised))
    rules.push(types(kind, name, promised, profile))
    rules.push(tier(kind, name, 'official', 'official', 'the official specification'))
    if (kind !== 'error') rules.push(tier(kind, name, 'client', 'client:openai-node', 'openai-node'))
  }
  rules.push(errorEnvelope)
  return rules
}

/** Every refusal, whatever was wrong, has the same outer form. */
const errorEnvelope: Rule<ChatView> = {
  id: 'openai-chat/shape/error-envelope',
  title: 'Every refusal is a JSON object with an error object in it',
  requirements: ['OAI-CHAT-error-envelope', 'PT-ERR-envelope'],
  fix: 'Answer every refusal with {"error": {"message", "type", "param", "code"}}, whichever layer refuses.',
  tier: 'official',
  // A server's HTTP parser may refuse what is no HTTP before anything that knows the dialect sees it.
  on: (view) => view.status >= 400 && !brokenFraming(view),
  *judge(view) {
    if (view.error === undefined) {
      yield finding(
        view.at(0, view.body.byteLength),
        '{"error": {"message": …}}',
        view.text || 'an empty body',
        {
          by: 'official',
        },
      )
    }
  },
}

function brokenFraming(view: ChatView): boolean {
  return view.exchange.request.headers.some(
    ([name, value]) => name.toLowerCase() === 'content-length' && !/^\d+$/.test(value),
  )
}

/** The first finding of each path is enough: a stream repeats its faults in every chunk. */
function* once<T extends { pointer: string; expected: string }>(
  messages: Message[],
  judge: (value: Json) => T[],
  // Finding a place costs a walk through the whole message: only what is told gets one.
  say: (found: T, where: Placed) => Omit<Finding, 'id'>,
): Iterable<Omit<Finding, 'id'>> {
  const seen = new Set<string>()
  for (const { value, place } of messages) {
    for (const found of judge(value)) {
      const key = `${pattern(found.pointer)} ${found.expected}`
      if (seen.has(key)) continue
      seen.add(key)
      yield say(found, place(found.pointer))
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

function documented(kind: Kind, name: string, promised: DialectPromise['response']): Rule<ChatView> {
  return {
    id: `openai-chat/shape/${name}-documented`,
    title: `Every ${name} carries the keys that the document promises`,
    requirements: [...new Set(Object.values(promised).flatMap((row) => row.requirements))],
    fix: 'Send every documented key, in each answer.',
    on: (view) => KINDS[kind].of(view).length > 0,
    judge: (view) =>
      once(
        KINDS[kind].of(view),
        (value) => requiredFindings(promised, value),
        (found, where) =>
          finding(where, found.expected, found.got, {
            ...(found.contradiction === undefined ? {} : { contradiction: found.contradiction }),
            ...(found.requirements[0] === undefined ? {} : { requirement: found.requirements[0] }),
          }),
      ),
  }
}

function types(
  kind: Kind,
  name: string,
  promised: DialectPromise['response'],
  profile: Profile,
): Rule<ChatView> {
  const by = (sources: string[], path: string, got: string): { by: By; requirement?: string } => {
    const row = promised[path]
    // C-40: the set of words is the official one; the empty string and null are no words.
    if (path === 'choices[].finish_reason' && /^"?[a-z]/i.test(got) && got !== 'null')
      return { by: 'official' }
    const own = sources.some((source) =>
      profile.documents.some((document) => source.startsWith(`${document}:`)),
    )
    if (row?.requirements[0] !== undefined) return { by: 'documented', requirement: row.requirements[0] }
    return own ? { by: 'documented' } : { by: 'official' }
  }
  return {
    id: `openai-chat/shape/${name}-types`,
    title: `Every value in ${name === 'error' ? 'an error' : `a ${name}`} has a type and a range that a document gives it`,
    requirements: [
      ...new Set([
        ...Object.values(promised).flatMap((row) => row.requirements),
        ...(REQUIREMENTS[`${name}-types`] ?? []),
      ]),
    ],
    fix: 'Send each key with its documented type.',
    tier: 'official',
    on: (view) => KINDS[kind].of(view).length > 0,
    judge: (view) =>
      once(
        KINDS[kind].of(view),
        (value) => schemaFindings('openai-chat', kind, value).filter((found) => !toldByGrammar(kind, found)),
        (found, where) =>
          finding(where, found.expected, found.got, by(found.sources, pattern(found.pointer), found.got)),
      ),
  }
}

/** The empty string before the end of a streamed choice is a fault of its grammar, told there. */
function toldByGrammar(kind: Kind, { pointer, got }: { pointer: string; got: string }): boolean {
  return kind === 'chunk' && pattern(pointer) === 'choices[].finish_reason' && got === '""'
}

function tier(
  kind: Kind,
  name: string,
  which: 'official' | 'client',
  by: 'official' | 'client:openai-node',
  whose: string,
): Rule<ChatView> {
  return {
    id: `openai-chat/shape/${name}-${which}`,
    title: `Every ${name} carries what ${whose} needs`,
    requirements: REQUIREMENTS[`${name}-${which}`] ?? [],
    fix:
      which === 'official'
        ? 'Send every key that the specification requires; null where there is no value.'
        : 'Send what the client reads without a guard.',
    tier: by,
    on: (view) => KINDS[kind].of(view).length > 0,
    judge: (view) =>
      once(
        KINDS[kind].of(view),
        (value) => tierFindings('openai-chat', which, kind, value),
        (found, where) => finding(where, found.expected, found.got, { by: found.by, why: found.why }),
      ),
  }
}
