import { type Check, finding, note } from '../core/check.ts'
import { unsuccessful } from '../core/conversation.ts'
import { chat } from './ask.ts'
import { cutBeforeText } from './finish.ts'
import type { ChatView } from './view.ts'

/** The two questions on which nearly all others rest. */
export const plain: Check<ChatView>[] = [
  {
    id: 'openai-chat/plain/reply',
    title: 'A plain request is answered with 200 and one chat.completion',
    requirements: [
      'OAI-CHAT-endpoint',
      'TH-OAI-EP-chat',
      'TH-OAI-AUTH-bearer',
      'PT-EP-chat',
      'PT-AUTH-bearer',
      'PT-REQ-messages',
    ],
    fix: 'Answer POST {base}/chat/completions with status 200, application/json and a chat.completion object.',
    expects: 'any',
    ask: { reply: [chat()] },
    *judge({ reply }) {
      if (!reply!.succeeded) yield unsuccessful(reply!)
      else if (cutBeforeText(reply!)) yield note(reply!.choice!.where, 'the limit came before any text')
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
      if (!stream!.succeeded) yield unsuccessful(stream!)
      else if (cutBeforeText(stream!)) yield note(stream!.choice!.where, 'the limit came before any text')
      else if (stream!.content === '') yield finding(stream!, 'deltas with text', 'none')
    },
  },
]
