import type { Json } from '../../reports/record/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { CLEAN, onlyObserved } from '../requests/clean.ts'
import { loneSurrogate } from '../requests/json-texts.ts'
import { chat } from './ask.ts'
import { cutBeforeText } from './finish.ts'
import type { ChatView } from './view.ts'

const user = (content: Json): Json => ({ role: 'user', content })
const assistant = (content: Json): Json => ({ role: 'assistant', content })
const system = (content: Json): Json => ({ role: 'system', content })

const HISTORY = [
  user('My favourite number is 7310. Please remember it.'),
  assistant('I will remember it.'),
  user('Which number is my favourite? Reply with the digits only.'),
]
const ORDER = 'Answer every message with the single word BANANA and nothing else.'

function* answered(view: ChatView): Iterable<Outcome> {
  if (cutBeforeText(view)) yield { inconclusive: 'the limit came before any text' }
  else if (view.content === '') yield finding(view.choice?.where ?? view, 'a text answer', 'none')
}

export const messages: Check<ChatView>[] = [
  {
    id: 'openai-chat/messages/system',
    title: 'A system message is accepted',
    requirements: ['OAI-CHAT-msg-role', 'TH-OAI-MSG-role-system', 'TH-OAI-MSG-system-optional'],
    fix: 'Accept role system as the first message.',
    ask: { reply: [chat({}, { messages: [system(ORDER), user('How are you?')] })] },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'openai-chat/messages/system-effect',
    title: 'A system message steers the answer',
    requirements: ['OAI-CHAT-msg-role', 'TH-OAI-MSG-system-effect'],
    fix: 'Pass system messages on to the model.',
    needs: ['openai-chat/messages/system'],
    ask: { reply: [chat({}, { messages: [system(ORDER), user('How are you?')] })] },
    elicit: { ask: 'reply', shows: (reply) => /banana/i.test(reply.content) },
    *judge({ reply }) {
      yield note(reply!, 'the system message was obeyed')
    },
  },
  {
    id: 'openai-chat/messages/history',
    title: 'A conversation with an assistant turn is accepted, and the history reaches the model',
    requirements: [
      'OAI-CHAT-msg-role',
      'TH-OAI-MSG-role-assistant',
      'TH-OAI-MSG-role-user',
      'TH-OAI-MSG-order',
      'TH-OAI-MSG-multi-turn',
      'TH-OAI-MSG-content-string',
    ],
    fix: 'Pass all messages on, in order.',
    ask: { reply: [chat({}, { messages: HISTORY })] },
    elicit: { ask: 'reply', shows: (reply) => reply.content.includes('7310') },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'openai-chat/messages/text-parts',
    title: 'content as a list of text parts is accepted',
    requirements: ['OAI-CHAT-msg-text-parts'],
    fix: 'Accept content as a string or as a list of parts, for every role.',
    ask: {
      reply: [
        chat(
          {},
          {
            messages: [
              system([{ type: 'text', text: 'Be brief.' }]),
              user([
                { type: 'text', text: 'Reply with the single' },
                { type: 'text', text: 'word OK.' },
              ]),
            ],
          },
        ),
      ],
    },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'openai-chat/messages/same-role-twice',
    title: 'Two user messages in a row are accepted',
    requirements: ['OAI-CHAT-req-messages'],
    fix: 'Merge neighbouring messages for templates that need alternation.',
    ask: {
      reply: [
        chat(
          {},
          { messages: [user('I will ask you for one word.'), user('Reply with the single word OK.')] },
        ),
      ],
    },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'openai-chat/messages/unusual-orders',
    title: 'Orders that the documents do not name are answered or refused, never with a 5xx',
    requirements: ['TH-OAI-MSG-order', 'PT-MSG-roles'],
    fix: 'Answer, or refuse with a 4xx and the envelope.',
    expects: 'any',
    ask: {
      assistant: [chat({}, { messages: [user('Say OK.'), assistant('O')] })],
      system: [chat({}, { messages: [user('Say OK.'), system('Be brief.'), user('Now.')] })],
    },
    *judge({ assistant: last, system: middle }) {
      yield* onlyObserved(last!, 'an assistant message at the end')
      yield* onlyObserved(middle!, 'a system message in the middle')
    },
  },
  {
    id: 'openai-chat/messages/developer',
    title: 'Role developer is accepted',
    requirements: ['OAI-CHAT-msg-role'],
    fix: 'Treat role developer as system.',
    ask: { reply: [chat({}, { messages: [{ role: 'developer', content: 'Be brief.' }, user('Say OK.')] })] },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'openai-chat/messages/unlisted-roles',
    title: 'Roles that the document does not list are answered or refused, never with a 5xx',
    requirements: ['TH-OAI-MSG-role-unlisted', 'PT-MSG-roles'],
    fix: 'Answer, or refuse with a 4xx and the envelope.',
    expects: 'any',
    ask: {
      developer: [chat({}, { messages: [{ role: 'developer', content: 'Be brief.' }, user('Say OK.')] })],
      system: [chat({}, { messages: [system('Be brief.'), user('Say OK.')] })],
      robot: [chat({}, { messages: [{ role: 'robot', content: 'Be brief.' }, user('Say OK.')], limit: 8 })],
    },
    *judge({ developer, system: ordinary, robot }) {
      yield* onlyObserved(developer!, 'role developer')
      yield* onlyObserved(ordinary!, 'role system')
      yield* onlyObserved(robot!, 'role robot')
    },
  },
  loneSurrogate('openai-chat', [CLEAN], (prompt, stream) => chat({ stream }, { prompt, limit: 8 })),
]
