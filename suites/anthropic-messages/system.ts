import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { ask } from './ask.ts'
import { cut, cutBeforeText, unanswered } from './cut.ts'
import { onlyObserved } from './observed.ts'
import type { MessagesView } from './view.ts'

const PROMPT = 'How are you?'
const ORDER = 'Answer every message with the single word BANANA and nothing else.'
/** The same order, which only makes sense whole and in this order. */
const BLOCKS = [
  { type: 'text', text: 'Answer every message with the single word' },
  { type: 'text', text: 'BANANA and nothing else.' },
]

const string = ask({ system: ORDER }, { prompt: PROMPT })
const blocks = ask({ system: BLOCKS }, { prompt: PROMPT })

const REQUIREMENTS = ['ANT-REQ-system', 'TH-ANT-REQ-system']

/** The system prompt, beside the messages and among them. */
export const system: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/system/string',
    title: 'A system prompt as a string is accepted, and counted as input',
    requirements: REQUIREMENTS,
    fix: 'Accept system as a string, and pass it on.',
    ask: { reply: [string], without: [ask()] },
    judge: ({ reply, without }) => taken(reply!, without!),
  },
  {
    id: 'anthropic-messages/system/blocks',
    title: 'A system prompt as text blocks is accepted, and counted as input',
    requirements: REQUIREMENTS,
    fix: 'Accept system as a list of text blocks too, and pass all of them on, in their order.',
    ask: { reply: [blocks], without: [ask()] },
    judge: ({ reply, without }) => taken(reply!, without!),
  },
  obeyed('string', 'A system prompt as a string steers the answer', string),
  obeyed('blocks', 'All text blocks of a system prompt reach the model, in their order', blocks),
  {
    id: 'anthropic-messages/system/role-in-messages',
    title: 'Messages of role system are answered or refused, never with a 5xx',
    requirements: ['ANT-MSG-system-role'],
    fix: 'Pass them on, map them, or answer 400 with the envelope: clients have a way around it.',
    expects: 'any',
    ask: {
      first: [ask({}, { messages: [said('system', 'Be brief.'), said('user', 'Say OK.')] })],
      middle: [
        ask(
          {},
          {
            messages: [
              said('user', 'Say OK.'),
              said('assistant', 'OK'),
              said('user', 'Thank you.'),
              said('system', 'Be brief.'),
            ],
          },
        ),
      ],
    },
    *judge({ first, middle }) {
      yield* onlyObserved(first!, 'role system at the start')
      yield* onlyObserved(middle!, 'role system after a user turn')
    },
  },
]

function said(role: string, content: string): { role: string; content: string } {
  return { role, content }
}

/**
 * The order has twice as many tokens as the plain question by any tokenizer: a count that is not above the plain one's has
 * lost it. What a model makes of it is another question.
 */
function* taken(view: MessagesView, without: MessagesView): Iterable<Outcome> {
  if (cut(view)) yield* unanswered(view)
  else if (view.content === '' && !cutBeforeText(view)) {
    yield finding(view.message!.where, 'a text answer', 'none')
  }
  const [more, less] = [view, without].map(({ usage }) =>
    usage?.input === undefined
      ? undefined
      : usage.input + (usage.cacheCreation ?? 0) + (usage.cacheRead ?? 0),
  )
  if (more === undefined || less === undefined || less === 0 || more > less) return
  yield finding(view.usage!.where, `more than ${less} input tokens with a system prompt`, more)
}

function obeyed(form: string, title: string, probe: typeof string): Check<MessagesView> {
  return {
    id: `anthropic-messages/system/${form}-effect`,
    title,
    requirements: REQUIREMENTS,
    fix: 'Pass the whole of system on to the model.',
    needs: [`anthropic-messages/system/${form}`],
    ask: { reply: [probe] },
    elicit: { ask: 'reply', shows: (reply) => /banana/i.test(reply.content) },
    *judge({ reply }) {
      yield note(reply!, 'the system prompt was obeyed')
    },
  }
}
