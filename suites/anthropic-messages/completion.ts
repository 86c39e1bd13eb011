import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { asString } from '../core/dig.ts'
import { sameModel } from '../requests/served-models.ts'
import { ask } from './ask.ts'
import { cut, isUnanswered } from './cut.ts'
import type { Block } from './message.ts'
import type { MessagesView } from './view.ts'

const UNICODE = 'Zürich 東京 – 🚀 café'
const ECHO = `Reply with exactly this text and nothing else: ${UNICODE}`

/** What one message says of itself. */
export const completion: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/completion/unique-id',
    title: 'Two messages have different ids, whole or streamed',
    requirements: ['ANT-RES-id'],
    fix: 'Make a new id for each message.',
    ask: { one: [ask()], other: [ask({}, { fresh: 'another id' })], streamed: [ask({ stream: true })] },
    *judge({ one, other, streamed }) {
      const id = asString(one!.reply?.id)
      if (!id) yield finding(one!.pointed('/id'), 'a non-empty id', one!.reply?.id)
      else if (id === other!.reply?.id) yield finding(other!.pointed('/id'), 'another id', id)
      else if (id === streamed!.message!.id) yield finding(streamed!.message!.where, 'another id', id)
      else if (!id.startsWith('msg_'))
        yield note(one!.pointed('/id'), `an id that does not begin with msg_: ${id}`)
    },
  },
  {
    id: 'anthropic-messages/completion/model',
    title: 'The answer names the model that was asked for',
    requirements: ['ANT-RES-model'],
    fix: 'Put the id of the model that was used into the field model.',
    ask: { reply: [ask()], stream: [ask({ stream: true })] },
    *judge({ reply, stream }) {
      yield* echo(reply!)
      yield* echo(stream!)
    },
  },
  {
    id: 'anthropic-messages/completion/unicode',
    title: 'Characters beyond ASCII come back whole, over the reads of a stream',
    requirements: ['SSE-utf8', 'JSON-utf8'],
    fix: 'Never decode part of a character; send UTF-8.',
    // Some servers forget of a stream that the client closes the connection: http/connection-close looks at this one too.
    ask: { stream: [ask({ stream: true }, { prompt: ECHO, headers: { connection: 'close' } })] },
    *judge({ stream }) {
      const { blocks, where } = stream!.message!
      const broken = blocks.find(({ text }) => text.includes('\uFFFD'))
      if (broken !== undefined) yield finding(broken.where, 'no replacement characters', broken.text)
      else yield note(where, stream!.content.slice(0, 60))
    },
  },
  {
    id: 'anthropic-messages/completion/stream-equals-reply',
    title: 'A stream, put together, has the shape of the whole reply to the same request',
    requirements: ['ANT-SSE-equals-reply', 'TH-ANT-REQ-stream'],
    fix: 'Build both from the same answer.',
    ask: { reply: [ask()], stream: [ask({ stream: true })] },
    *judge({ reply, stream }) {
      if (cut(reply!) !== cut(stream!) || isUnanswered(reply!)) {
        yield { inconclusive: 'the limit cut one of the two answers, or the model would not answer' }
        return
      }
      const [whole, joined] = [reply!.message!, stream!.message!]
      if (whole.stopReason !== joined.stopReason) {
        yield finding(joined.stopWhere, `stop_reason ${whole.stopReason}`, joined.stopReason ?? 'none')
      }
      if (joined.stopSequence !== whole.stopSequence && whole.stopReason === joined.stopReason) {
        yield finding(joined.stopWhere, `stop_sequence ${whole.stopSequence}`, joined.stopSequence)
      }
      yield* sameBlocks(whole.blocks, joined.blocks, stream!)
    },
  },
]

function* echo(view: MessagesView): Iterable<Outcome> {
  const { asked, model, message } = view
  const wanted = typeof asked === 'object' && asked !== null && 'model' in asked ? String(asked.model) : ''
  if (!model) {
    // Without message_start nothing of a stream can name the model: the grammar tells of that.
    if (view.isStream && message!.role === undefined) return
    yield finding(message!.where, 'the name of the model', model ?? 'none')
    return
  }
  if (!sameModel(wanted, model)) {
    yield finding(message!.where, `${wanted}, or a longer form of it`, model, { contradiction: 'C-27' })
  } else if (model !== wanted) yield note(message!.where, `${wanted} was asked for, ${model} answered`)
}

/** Both have text, and the text once; thinking may show where the model sees cause. */
function* sameBlocks(whole: Block[], joined: Block[], stream: MessagesView): Iterable<Outcome> {
  const kinds = (blocks: Block[]): string =>
    blocks
      .map(({ type }) => type)
      .filter((type) => !type.includes('thinking'))
      // One text may come in several blocks.
      .filter((type, at, all) => type !== all[at - 1])
      .join(', ')
  const where = joined[0]?.where ?? stream
  if (kinds(whole) !== kinds(joined)) {
    yield finding(where, `the blocks ${kinds(whole) || '(none)'}`, kinds(joined) || 'none')
    return
  }
  const [once, text] = [whole, joined].map((blocks) =>
    blocks
      .filter(({ type }) => type === 'text')
      .map((block) => block.text)
      .join(''),
  ) as [string, string]
  if (text.length > 1 && text !== once && text === once + once) yield finding(where, 'the text once', text)
  const thinks = (blocks: Block[]): boolean => blocks.some(({ type }) => type.includes('thinking'))
  if (thinks(whole) !== thinks(joined)) {
    yield finding(where, 'thinking in both, or in neither', kinds(joined), { by: 'should' })
  }
}
