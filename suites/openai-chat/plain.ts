import { type Check, finding, note } from '../core/check.ts'
import { unsuccessful } from '../core/conversation.ts'
import { chat } from './ask.ts'
import { cutBeforeText } from './finish.ts'
import type { ChatView } from './view.ts'

/** The two questions on which nearly all others rest. */
export const plain: Check<ChatView>[] = [
  {
    id: 'openai-chat/plain/reply',
    title: 'A plain request is answered with 200 and one chat.completion, whose content is a text',
    requirements: [
      'OAI-CHAT-endpoint',
      'TH-OAI-EP-chat',
      'TH-OAI-AUTH-bearer',
      'PT-EP-chat',
      'PT-AUTH-bearer',
      'PT-REQ-messages',
      'OAI-CHAT-res-message-content',
      'TH-OAI-RES-choice-message',
      'PT-RES-content-string',
    ],
    fix: 'Answer POST {base}/chat/completions with status 200, application/json and a chat.completion object.',
    expects: 'any',
    ask: { reply: [chat()] },
    *judge({ reply }) {
      const doubt = ours(reply!)
      if (doubt !== undefined) yield { inconclusive: doubt }
      else if (!reply!.succeeded) yield unsuccessful(reply!)
      else if (cutBeforeText(reply!)) yield note(reply!.choice!.where, 'the limit came before any text')
      else if (reply!.choice!.refusal !== null) yield { inconclusive: 'the model refused to answer' }
      else if (reply!.content === '')
        yield finding(reply!.choice?.where ?? reply!, 'a text answer', reply!.content)
      else yield note(reply!, `answered ${JSON.stringify(reply!.content.slice(0, 60))}`)
    },
  },
  {
    id: 'openai-chat/plain/stream',
    title: 'stream: true is answered with 200, text/event-stream and chunks',
    requirements: ['OAI-CHAT-stream', 'TH-OAI-REQ-stream', 'PT-REQ-stream', 'TH-OAI-SSE-format'],
    fix: 'Answer stream: true with status 200, Content-Type: text/event-stream and one chunk a data line.',
    needs: ['openai-chat/plain/reply'],
    expects: 'any',
    ask: { stream: [chat({ stream: true })] },
    *judge({ stream }) {
      const { streamError } = stream!
      if (!stream!.succeeded && streamError !== undefined && stream!.status === 200) {
        yield finding(streamError.pointed('/error'), 'an answer', streamError.value.error)
      } else if (!stream!.succeeded) yield unsuccessful(stream!)
      else if (cutBeforeText(stream!)) yield note(stream!.choice!.where, 'the limit came before any text')
      else if (stream!.content === '') yield finding(stream!, 'deltas with text', 'none')
    },
  },
]

/**
 * What a refusal of the very first question may say of us rather than of the gateway: a wrong key, a wrong address, a model
 * that is not there. One end cannot tell, so nothing is held against anybody.
 */
function ours(view: ChatView): string | undefined {
  const { status, error } = view
  const said = `the plain question was refused with ${status}`
  if (status === 401 || status === 403) return `${said}: the key may be wrong as likely as the gateway`
  const words = [error?.code, error?.param, error?.message].filter((one) => typeof one === 'string').join(' ')
  if ((status === 400 || status === 404) && /\bmodel\b|model_not/i.test(words)) {
    return `${said}: the model may not exist here, or not be open to this key`
  }
  return status === 404 || status === 405
    ? `${said}: the address may lack its prefix, or have the path twice`
    : undefined
}
