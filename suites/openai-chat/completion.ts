import { type Check, finding, note } from '../core/check.ts'
import { asInteger, asString } from '../core/dig.ts'
import { chat, LONG } from './ask.ts'
import { wrongFinish } from './finish.ts'
import type { ChatView } from './view.ts'

const SECONDS = 300
/** Tokens at which an answer is cut that has many more. */
const CUT = 8
const UNICODE = 'Zürich 東京 – 🚀 café'

/** What one completion says of itself. */
export const completion: Check<ChatView>[] = [
  {
    id: 'openai-chat/completion/finish-stop',
    title: 'A short answer ends with finish_reason stop',
    requirements: ['OAI-CHAT-finish-stop', 'TH-OAI-RES-finish-stop', 'PT-RES-choices'],
    fix: 'Report stop where the model ended of itself.',
    ask: { reply: [chat()], stream: [chat({ stream: true })] },
    *judge({ reply, stream }) {
      for (const view of [reply!, stream!]) {
        const { finish } = view.choice!
        if (finish === 'stop') continue
        if (finish === 'length') yield { inconclusive: 'the model did not end within the limit' }
        else yield* wrongFinish(view.choice!, 'stop')
      }
    },
  },
  {
    id: 'openai-chat/completion/finish-length',
    title: 'An answer that the limit cuts ends with finish_reason length, whole and streamed',
    requirements: ['OAI-CHAT-finish-length', 'TH-OAI-RES-finish-length'],
    fix: 'Report length where max_tokens ended the answer.',
    ask: {
      reply: [chat({}, { prompt: LONG, limit: CUT })],
      stream: [chat({ stream: true }, { prompt: LONG, limit: CUT })],
    },
    *judge({ reply, stream }) {
      for (const view of [reply!, stream!]) {
        const { finish } = view.choice!
        if (finish === 'length') continue
        // A token has a byte at least: what is shorter cannot have met the limit.
        const most = view.usage?.completion ?? Buffer.byteLength(view.content)
        if (finish === 'stop' && most < CUT) yield { inconclusive: 'the model ended before the limit' }
        else yield* wrongFinish(view.choice!, 'length')
      }
    },
  },
  {
    id: 'openai-chat/completion/unique-id',
    title: 'Two completions have different ids',
    requirements: ['OAI-CHAT-res-id', 'TH-OAI-RES-id', 'PT-RES-id'],
    fix: 'Make a new id for each completion.',
    ask: { one: [chat()], other: [chat({}, { fresh: 'another id' })] },
    *judge({ one, other }) {
      const id = asString(one!.reply?.id)
      if (!id) yield finding(one!.pointed('/id'), 'a non-empty id', one!.reply?.id)
      else if (id === other!.reply?.id) yield finding(other!.pointed('/id'), 'another id', id)
    },
  },
  {
    id: 'openai-chat/completion/created',
    title: 'created is the time of the answer in whole Unix seconds',
    requirements: ['OAI-CHAT-res-created', 'TH-OAI-RES-created'],
    fix: 'Send created as an integer of seconds since 1970.',
    ask: { reply: [chat()] },
    *judge({ reply }) {
      const raw = reply!.reply?.created
      const where = reply!.pointed('/created')
      const created = asInteger(raw)
      if (raw === undefined) yield finding(reply!, 'created', 'nothing', { contradiction: 'C-12' })
      else if (created === undefined) yield finding(where, 'an integer', raw)
      else {
        const date = Date.parse(reply!.header('date') ?? '') / 1000
        const now = Number.isNaN(date) ? Date.parse(reply!.exchange.startedAt) / 1000 : date
        // Without a Date field there is only our own clock to compare with.
        const by = Number.isNaN(date) ? 'should' : 'documented'
        if (Math.abs(now - created) > SECONDS)
          yield finding(where, `within ${SECONDS} s of the time of the answer`, created, { by })
      }
    },
  },
  {
    id: 'openai-chat/completion/unicode',
    title: 'Characters beyond ASCII come back whole, also over the reads of a stream',
    requirements: ['SSE-utf8', 'JSON-utf8'],
    fix: 'Never decode part of a character; send UTF-8.',
    ask: {
      reply: [chat({}, { prompt: `Reply with exactly this text and nothing else: ${UNICODE}` })],
      stream: [
        chat(
          { stream: true },
          {
            prompt: `Reply with exactly this text and nothing else: ${UNICODE}`,
            // Some servers forget of a stream that the client closes the connection: http/connection-close looks here too.
            headers: { connection: 'close' },
          },
        ),
      ],
    },
    *judge({ reply, stream }) {
      for (const view of [reply!, stream!]) {
        if (view.content.includes('\uFFFD'))
          yield finding(view.choice!.where, 'no replacement characters', view.content)
        else yield note(view.choice!.where, view.content.slice(0, 60))
      }
    },
  },
  {
    id: 'openai-chat/completion/stream-equals-reply',
    title: 'A stream, put together, has the shape of the whole reply to the same request',
    requirements: ['OAI-CHAT-stream-equals-reply', 'TH-OAI-SSE-content-delta'],
    fix: 'Build both from the same answer.',
    ask: { reply: [chat()], stream: [chat({ stream: true })] },
    *judge({ reply, stream }) {
      const [whole, joined] = [reply!.choice!, stream!.choice!]
      if (reply!.choices.length !== stream!.choices.length) {
        yield finding(stream!, `${reply!.choices.length} choice(s)`, stream!.choices.length)
      }
      if ((whole.finish === 'length') !== (joined.finish === 'length')) {
        yield { inconclusive: 'the limit cut one of the two answers' }
        return
      }
      if (whole.finish !== joined.finish) {
        yield finding(
          joined.finishes[0]?.where ?? joined.where,
          `finish_reason ${whole.finish}`,
          joined.finish ?? 'none',
        )
      }
      if ((whole.content === null) !== (joined.content === null)) {
        yield finding(joined.where, 'text in both, or in neither', joined.content)
      } else if (doubled(joined.content ?? '', whole.content ?? '')) {
        yield finding(joined.where, 'the text once', joined.content)
      }
      if ((whole.reasoning === undefined) !== (joined.reasoning === undefined)) {
        // Some models think only where they see cause to.
        yield finding(joined.where, 'reasoning apart from the text in both, or in neither', joined.content, {
          by: 'should',
        })
      }
    },
  },
]

/** The stream says twice what the whole reply says once. */
function doubled(joined: string, whole: string): boolean {
  return joined.length > 1 && joined !== whole && joined === whole + whole
}
