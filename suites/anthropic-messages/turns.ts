import type { Json } from '../../reports/record/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { ask, PLAIN } from './ask.ts'
import { cutBeforeText, unanswered } from './cut.ts'
import { OFFICIAL, onlyObserved, refusedWith400 } from './observed.ts'
import { assistant, user } from './tools/replay.ts'
import type { MessagesView } from './view.ts'

const FACT = 'My favourite number is 7310. Please remember it.'
const QUESTION = 'Which number is my favourite? Reply with the digits only.'
const textBlock = (text: string): Json => ({ type: 'text', text })

const COUNT = 'Count from 1 to 10 in digits, separated by single spaces. Write nothing else.'
const BEGUN = '1 2 3 4'

/** The digits and nothing else: fact and question both reached the model. */
const recalls = (reply: MessagesView): boolean => /^\W*7310\W*$/.test(reply.content)

export function* answered(view: MessagesView): Iterable<Outcome> {
  if (cutBeforeText(view)) yield { inconclusive: 'the limit came before any text' }
  else if (view.stopReason === 'refusal') yield* unanswered(view)
  else if (view.content === '') yield finding(view.message!.where, 'a text answer', 'none')
}

export const turns: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/turns/memory',
    title: 'A conversation with an assistant turn is accepted, and what was said earlier reaches the model',
    requirements: [
      'ANT-REQ-messages',
      'ANT-REQ-messages-role',
      'ANT-REQ-messages-content',
      'TH-ANT-REQ-messages',
      'TH-ANT-MSG-string',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Pass all messages on, in order.',
    ask: {
      reply: [ask({}, { messages: [user(FACT), assistant('I will remember it.'), user(QUESTION)] })],
    },
    elicit: { ask: 'reply', shows: (reply) => reply.content.includes('7310') },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'anthropic-messages/turns/text-blocks',
    title:
      'content as a list of text blocks is accepted in turns of both roles, and all blocks reach the model',
    requirements: [
      'ANT-REQ-messages-content',
      'ANT-REQ-messages-content-text',
      'TH-ANT-REQ-messages',
      'TH-ANT-MSG-text-text',
      'TPE-ANT-fields-undocumented',
    ],
    fix: 'Accept content as a string or as a list of blocks; pass all text blocks on, in order.',
    ask: {
      reply: [
        ask(
          {},
          {
            messages: [
              user([textBlock('My favourite number is 7310.'), textBlock('Please remember it.')]),
              assistant([textBlock('I will'), textBlock('remember it.')]),
              user([textBlock('Which number is my favourite?'), textBlock('Reply with the digits only.')]),
            ],
          },
        ),
      ],
    },
    elicit: { ask: 'reply', shows: recalls },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'anthropic-messages/turns/merged',
    title: 'Turns of one role in a row are accepted as one turn, and all of them reach the model',
    requirements: ['ANT-MSG-roles'],
    fix: 'Take neighbouring turns of one role together; lose none of them.',
    ask: {
      reply: [
        ask(
          {},
          {
            messages: [
              user('Hello.'),
              assistant('Hello.'),
              assistant('How can I help?'),
              user(FACT),
              user(QUESTION),
            ],
          },
        ),
      ],
    },
    elicit: { ask: 'reply', shows: recalls },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'anthropic-messages/turns/prefill',
    title: 'Where the last turn is the assistant’s, the answer goes on from its end and does not repeat it',
    requirements: ['ANT-MSG-prefill'],
    fix: 'Pass a last assistant turn on as the beginning of the answer, not as a turn that was finished.',
    ask: { reply: [ask({}, { messages: [user(COUNT), assistant(BEGUN)] })] },
    elicit: { ask: 'reply', shows: (reply) => goesOn(reply) || repeats(reply) },
    *judge({ reply }) {
      if (goesOn(reply!)) yield note(reply!.message!.where, reply!.content.slice(0, 40))
      else yield finding(reply!.message!.where, `what follows "${BEGUN}"`, reply!.content)
    },
  },
  {
    id: 'anthropic-messages/turns/system-role',
    title: 'A turn of role system in the middle is answered or refused, never with a 5xx',
    requirements: ['ANT-MSG-system-role'],
    fix: 'Take it as system text, or refuse with 400 and the envelope.',
    expects: 'any',
    ask: {
      reply: [
        ask(
          {},
          {
            messages: [
              user('Hello.'),
              assistant('Hello.'),
              user(PLAIN),
              { role: 'system', content: 'Be brief.' },
            ],
          },
        ),
      ],
    },
    judge: ({ reply }) => onlyObserved(reply!, 'role system in messages'),
  },
  {
    id: 'anthropic-messages/turns/empty-text',
    title: 'An empty text block is refused with 400',
    requirements: ['ANT-MSG-nonempty-text'],
    fix: 'Answer 400 invalid_request_error; name the block.',
    expects: 'any',
    ask: { reply: [ask({}, { messages: [user([textBlock(''), textBlock(PLAIN)])] })] },
    judge: ({ reply }) => refusedWith400(reply!, 'an empty text block', OFFICIAL),
  },
]

function goesOn(reply: MessagesView): boolean {
  return /^\s*,?\s*5\b/.test(reply.content)
}

function repeats(reply: MessagesView): boolean {
  return /^\W*1\W+2\W+3\W+4\b/.test(reply.content)
}
