import type { Json } from '../../reports/record/types.ts'
import { type Check, finding, type Outcome } from '../core/check.ts'
import { asArray, asInteger, asString, dig } from '../core/dig.ts'
import { ask } from './ask.ts'
import { plainDocument } from './documents.ts'
import type { Block } from './message.ts'
import { refusedWith400 } from './observed.ts'
import { user } from './tools/replay.ts'
import type { MessagesView } from './view.ts'

const TEXT = 'The grass in Avonlea is green. The sky over Avonlea is blue.'
const CITED = plainDocument(TEXT, { title: 'Avonlea', citations: { enabled: true } })
const QUESTION: Json = {
  type: 'text',
  text: 'What colour is the sky over Avonlea? Answer in one sentence from the document, and cite it.',
}
const MESSAGES = [user([CITED, QUESTION])]
const MORE = { messages: MESSAGES, limit: 128 }

/** The citations of a block, whole or put together. */
function citationsOf({ replay }: Block): Json[] {
  return asArray(replay.citations)
}

const cites = (reply: MessagesView): boolean =>
  (reply.message?.blocks ?? []).some((block) => block.type === 'text' && citationsOf(block).length > 0)

/** Each citation says of what document it is, and repeats what stands there. */
function* sound(view: MessagesView): Iterable<Outcome> {
  for (const block of view.message!.blocks) {
    for (const citation of citationsOf(block)) {
      const type = asString(dig(citation, 'type'))
      const cited = asString(dig(citation, 'cited_text'))
      if (!type) yield finding(block.where, 'a citation with a type', citation)
      else if (cited === undefined) yield finding(block.where, 'cited_text: a string', citation)
      else if (!TEXT.includes(cited.trim())) {
        yield finding(block.where, 'cited_text as it stands in the document', cited)
      } else if (type === 'char_location' && asInteger(dig(citation, 'document_index')) !== 0) {
        yield finding(block.where, 'document_index 0', dig(citation, 'document_index'))
      }
    }
  }
}

export const citations: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/citations/reply',
    title: 'With citations enabled on a document, the answer cites what stands there',
    requirements: ['ANT-REQ-messages-content-document-citations'],
    fix: 'Pass citations.enabled on, and the citations of text blocks back.',
    ask: { reply: [ask({}, MORE)] },
    elicit: { ask: 'reply', shows: cites },
    judge: ({ reply }) => sound(reply!),
  },
  {
    id: 'anthropic-messages/citations/stream',
    title: 'Citations of a streamed answer come as citations_delta of its text block',
    requirements: ['ANT-SSE-citations', 'ANT-REQ-messages-content-document-citations'],
    fix: 'Forward citations_delta events as they come.',
    needs: ['anthropic-messages/plain/stream', 'anthropic-messages/citations/reply'],
    ask: { reply: [ask({ stream: true }, MORE)] },
    elicit: { ask: 'reply', shows: cites },
    judge: ({ reply }) => sound(reply!),
  },
  {
    id: 'anthropic-messages/citations/in-user-turn',
    title: 'Under 2026-10-21 citations on a text block of a user turn are refused with 400',
    requirements: ['ANT-2026-no-user-citations'],
    fix: 'Answer 400 invalid_request_error; name the block’s citations.',
    expects: 'any',
    ask: { reply: [ask({}, { messages: [user([CITED_TEXT()])] })] },
    judge: ({ reply }) =>
      refusedWith400(reply!, 'citations in a user turn', { requirement: 'ANT-2026-no-user-citations' }),
  },
]

function CITED_TEXT(): Json {
  return {
    type: 'text',
    text: 'Reply with the single word OK.',
    citations: [
      {
        type: 'char_location',
        cited_text: 'The sky over Avonlea is blue.',
        document_index: 0,
        document_title: 'Avonlea',
        start_char_index: 31,
        end_char_index: 60,
      },
    ],
  }
}
