import { Buffer } from 'node:buffer'
import type { Finding, Json } from '../../reports/record/types.ts'
import { type Check, finding, type Ground, type Outcome } from '../core/check.ts'
import { asString, dig } from '../core/dig.ts'
import { honours } from '../core/honoured.ts'
import { chat } from './ask.ts'
import { cutBeforeText } from './finish.ts'
import type { ChatView } from './view.ts'

const REQUIREMENTS = ['OAI-CHAT-res-logprobs-aligned', 'OAI-CHAT-req-logprobs', 'TH-OAI-REQ-logprobs']
const FIX = 'List one entry for each token of the text, in order: token, its own bytes, its own alternatives.'
/** Nothing but the official specification says what the entries are the tokens of. */
const OFFICIAL = { by: 'official' } as const

/** The entries of logprobs belong to the tokens of the text. Characters of several bytes and tokens test the bytes. */
export function logprobs(ground: Ground): Check<ChatView>[] {
  if (!honours(ground, 'logprobs')) return []
  // Text that does not come whole has no tokens to compare it with.
  const needs = ['openai-chat/field/logprobs/effect', 'openai-chat/completion/unicode']
  return [
    {
      id: 'openai-chat/logprobs/aligned',
      title: 'The tokens of logprobs.content, joined, are the text of the reply',
      requirements: REQUIREMENTS,
      fix: FIX,
      needs,
      ask: { reply: [chat({ logprobs: true }, { prompt: TEXT })] },
      judge: ({ reply }) => aligned(reply!),
    },
    {
      id: 'openai-chat/logprobs/stream',
      title: 'A stream carries logprobs too, and their tokens, joined, are its text',
      requirements: REQUIREMENTS,
      fix: `Send logprobs in the chunks whose text they belong to. ${FIX}`,
      needs: [...needs, 'openai-chat/completion/stream-equals-reply'],
      ask: { reply: [chat({ logprobs: true, stream: true }, { prompt: TEXT })] },
      judge: ({ reply }) => aligned(reply!),
    },
  ]
}

const TEXT = 'Reply with exactly this text and nothing else: Grüße, 世界 👋 and good day'

function* aligned(view: ChatView): Iterable<Outcome> {
  const { content, logprobs: entries = [], where } = view.choice!
  if (content === null || content === '') {
    const why = cutBeforeText(view) ? 'the limit came before any text' : 'the answer has no text'
    yield { inconclusive: why }
    return
  }
  if (entries.length === 0) {
    yield finding(where, 'logprobs.content: an entry for each token', 'none')
    return
  }
  const odd = entries.map(oddBytes).find((found) => found !== undefined)
  if (odd !== undefined) {
    yield finding(where, odd.expected, odd.got, OFFICIAL)
    return
  }
  const joined = Buffer.concat(entries.map(bytesOf))
  const text = Buffer.from(content)
  if (joined.equals(text)) return
  const got = joined.toString()
  // Marks of the end, and tokens of reasoning, are tokens of the answer too, though not of the text.
  const more: Partial<Pick<Finding, 'by'>> = joined.includes(text) ? { by: 'should' } : OFFICIAL
  yield finding(where, `tokens that join to ${JSON.stringify(content)}`, JSON.stringify(got), more)
}

/** The bytes that a token stands for: `bytes` where it has them, else its own text. */
function bytesOf(entry: Json): Buffer {
  return listed(entry) ?? Buffer.from(asString(dig(entry, 'token')) ?? '')
}

function listed(entry: Json): Buffer | undefined {
  const bytes = dig(entry, 'bytes')
  if (!Array.isArray(bytes) || !bytes.every((byte) => typeof byte === 'number')) return undefined
  return Buffer.from(bytes)
}

/** Bytes that are whole characters, and other ones than those of the token. A part of a character has no text to compare. */
function oddBytes(entry: Json): { expected: string; got: string } | undefined {
  const bytes = listed(entry)
  const token = asString(dig(entry, 'token'))
  if (bytes === undefined || token === undefined || token.includes('\uFFFD')) return undefined
  const text = bytes.toString()
  if (text === token || text.includes('\uFFFD')) return undefined
  return {
    expected: `the bytes of the token ${JSON.stringify(token)}`,
    got: `those of ${JSON.stringify(text)}`,
  }
}
