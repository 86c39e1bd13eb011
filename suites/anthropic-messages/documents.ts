import type { Json, JsonObject } from '../../reports/record/types.ts'
import { type Check, note } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import { ask, PLAIN } from './ask.ts'
import { onlyObserved, refusedWith400, unsupported } from './observed.ts'
import { PAPER } from './paper.ts'
import { assistant, user } from './tools/replay.ts'
import { answered } from './turns.ts'
import type { MessagesView } from './view.ts'

/** A document of plain text; `more` beside its source. */
export function plainDocument(data: string, more: JsonObject = {}): JsonObject {
  return { type: 'document', source: { type: 'text', media_type: 'text/plain', data }, ...more }
}

const question = (what: string): Json => ({
  type: 'text',
  text: `Which code word stands in the ${what}? Reply with the code word only.`,
})

const TEXT = 'The code word is MANGO77.'
const read = (block: Json, what = 'document'): Probe => ask({}, { messages: [user([block, question(what)])] })

const PLAIN_TEXT = read(plainDocument(TEXT))
const PDF = read({ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PAPER } })
const BY_URL = read({ type: 'document', source: { type: 'url', url: 'https://www.example.com/paper.pdf' } })
const FOUND = read(
  {
    type: 'search_result',
    source: 'https://www.example.com/words',
    title: 'Words',
    content: [{ type: 'text', text: 'The code word is GUAVA77.' }],
  },
  'search result',
)

const names =
  (word: string) =>
  (reply: MessagesView): boolean =>
    reply.content.includes(word)

/** A document that the model must have read to answer. */
function reads(id: string, title: string, probe: Probe, word: string): Check<MessagesView> {
  return {
    id: `anthropic-messages/documents/${id}`,
    title,
    requirements: ['ANT-REQ-messages-content-document'],
    fix: 'Pass document blocks on with their source; never drop what you cannot translate without saying so.',
    ask: { reply: [probe] },
    elicit: { ask: 'reply', shows: names(word) },
    judge: ({ reply }) => answered(reply!),
  }
}

export const documents: Check<MessagesView>[] = [
  reads('text', 'A document of plain text reaches the model', PLAIN_TEXT, 'MANGO77'),
  reads('pdf', 'A PDF in base64 reaches the model', PDF, 'PAPAYA77'),
  {
    id: 'anthropic-messages/documents/url',
    title: 'A document by URL is answered or refused, never with a 5xx',
    requirements: ['ANT-REQ-messages-content-source'],
    fix: 'Fetch the document or pass its URL on; refuse with 400 where it cannot be had.',
    needs: ['anthropic-messages/documents/pdf'],
    expects: 'any',
    ask: { reply: [BY_URL] },
    judge: ({ reply }) => onlyObserved(reply!, 'a document by URL'),
  },
  {
    id: 'anthropic-messages/documents/search-result',
    title: 'A search_result block reaches the model',
    requirements: ['ANT-REQ-messages-content-search_result'],
    fix: 'Pass search_result blocks on, with source, title and all their text.',
    ask: { reply: [FOUND] },
    elicit: { ask: 'reply', shows: names('GUAVA77') },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'anthropic-messages/documents/in-assistant-turn',
    title: 'Under 2026-10-21 a document directly in an assistant turn is refused with 400',
    requirements: ['ANT-2026-no-assistant-document'],
    fix: 'Answer 400 invalid_request_error; name the block.',
    expects: 'any',
    ask: {
      reply: [ask({}, { messages: [user('Hello.'), assistant([plainDocument(TEXT)]), user(PLAIN)] })],
    },
    judge: ({ reply }) =>
      refusedWith400(reply!, 'a document in an assistant turn', {
        requirement: 'ANT-2026-no-assistant-document',
      }),
  },
  {
    id: 'anthropic-messages/documents/unsupported',
    title: 'A document, which is not supported, is refused with a clean 4xx',
    requirements: ['TH-ANT-MSG-document'],
    fix: 'Refuse with a 4xx and the envelope; never 5xx.',
    expects: 'any',
    ask: { reply: [PLAIN_TEXT] },
    judge: ({ reply }) => unsupported(reply!, 'a document block'),
  },
  {
    id: 'anthropic-messages/documents/search-result-unsupported',
    title: 'A search_result, which is not supported, is refused with a clean 4xx',
    requirements: ['TH-ANT-MSG-search_result'],
    fix: 'Refuse with a 4xx and the envelope; never 5xx.',
    expects: 'any',
    ask: { reply: [FOUND] },
    *judge({ reply }) {
      yield* unsupported(reply!, 'a search_result block')
      yield note(reply!.statusPlace, `status ${reply!.status}`)
    },
  },
]
