import { finding, type Ground, type Outcome } from '../../core/check.ts'
import { isObject } from '../../core/dig.ts'
import type { FieldKit } from '../../fields/kit.ts'
import { ask, PLAIN } from '../ask.ts'
import { cut } from '../cut.ts'
import { ignoredAtOnce } from '../ignored.ts'
import { MessagesView } from '../view.ts'
import { OBSERVERS } from './effects/observers.ts'
import { samplesFor } from './samples.ts'

const UNDOCUMENTED = [
  'ANT-REQ-undocumented-fields',
  'TH-ANT-REQ-official-fields',
  'TPE-ANT-fields-undocumented',
]

/** What the generated questions about request fields know of Messages, on one profile. */
export function messagesFields(ground: Ground): FieldKit<MessagesView> {
  return {
    dialect: 'anthropic-messages',
    view: (exchange) => new MessagesView(exchange),
    vendor: 'anthropic',
    compose: ({ first, turns, last, body }) => ({
      model: '$model',
      messages: [
        ...(first === undefined ? [] : [first]),
        ...turns,
        { role: 'user', content: PLAIN, ...last },
      ],
      ...body,
    }),
    samples: samplesFor(ground),
    observers: OBSERVERS,
    pairs: [],
    besideIgnored: (rows) => ignoredAtOnce(rows, sameShape),
    apart: [
      ['temperature', 'top_p'],
      ['thinking', 'temperature'],
      ['thinking', 'top_p'],
      ['thinking', 'top_k'],
      ['thinking', 'tool_choice'],
    ],
    notWith: [
      {
        // An answer that is forced into JSON.
        when: ({ output_config: config }) => isObject(config) && config.format !== undefined,
        fields: ['tools', 'stop_sequences', 'stream', 'thinking'],
      },
    ],
    // More marks than four are refused.
    most: [{ key: 'cache_control', times: 4 }],
    unlimited: [],
    dependencies: { tool_choice: { fault: 'without tools', value: { type: 'any' } } },
    wrongProbe(path, value) {
      if (value === undefined && ['model', 'messages', 'max_tokens'].includes(path)) {
        return ask({}, { without: [path], ...(path === 'max_tokens' ? { limit: null } : {}) })
      }
      return path === 'messages' && typeof value === 'string' ? ask({ messages: 'hello' }) : undefined
    },
    sameShape,
    namesField,
    requirements: {
      undocumented: UNDOCUMENTED,
      unknown: [...UNDOCUMENTED, 'TH-OAI-REQ-unknown-fields'],
      ignoredTogether: ['TH-ANT-NOTE-ignored-no-error'],
    },
  }
}

/** Kinds of blocks, once each: how many a model makes of its words is its own affair, and thinking may come and go (C-69). */
function kinds(view: MessagesView): string {
  const types = (view.message?.blocks ?? []).map(({ type }) => type)
  return [...new Set(types.filter((type) => !type.includes('thinking')))].sort().join(', ') || 'no block'
}

function sameShape(plain: MessagesView, other: MessagesView): string | undefined {
  if (plain.isStream !== other.isStream) return other.isStream ? 'a stream' : 'no stream'
  const [was, is] = [kinds(plain), kinds(other)]
  // What the limit cut may have had more to come.
  if (is !== was && !cut(plain) && !cut(other)) return `${is} in place of ${was}`
  const ended = [plain, other].every((view) => ['end_turn', 'max_tokens'].includes(view.stopReason ?? ''))
  if (plain.stopReason === other.stopReason || ended) return undefined
  return `stop_reason ${other.stopReason} in place of ${plain.stopReason}`
}

/** There is no key for the field at fault: the message names it, in whatever notation, as `messages.0.content: …`. */
function* namesField(view: MessagesView, path: string): Iterable<Outcome> {
  const { error } = view
  if (error === undefined) return
  const key = path.split('.').at(-1)!.replace(/\[\]$/, '')
  const message = typeof error.message === 'string' ? error.message : ''
  if (message.includes(key)) return
  yield finding(view.pointed('/error/message'), `a message that names ${path}`, message, { by: 'should' })
}
