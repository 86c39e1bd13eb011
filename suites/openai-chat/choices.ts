import { type Check, finding, type Ground, type Rule } from '../core/check.ts'
import { honours } from '../core/honoured.ts'
import { chat } from './ask.ts'
import type { ChatView } from './view.ts'

/** Several choices in one answer keep apart by their index, and by nothing else. */
export function severalChoices(ground: Ground): Check<ChatView>[] {
  if (!honours(ground, 'n', 'stream')) return []
  return [
    {
      id: 'openai-chat/choices/stream',
      title: 'n: 2 gives two choices also in a stream, each with the text of its own under its own index',
      requirements: ['OAI-CHAT-stream-choice-index', 'TH-OAI-SSE-choice-index'],
      fix: 'Send in choices[].index of each chunk the number of the choice that the chunk belongs to.',
      needs: ['openai-chat/plain/reply', 'openai-chat/plain/stream', 'openai-chat/field/n/effect'],
      ask: { reply: [chat({ n: 2, stream: true })] },
      *judge({ reply }) {
        const { choices } = reply!
        const indexes = choices.map(({ index }) => index)
        const silent = choices.find(
          ({ content, refusal, finish }) => !content && refusal === null && finish !== 'length',
        )
        // A choice without an index is told by the rules of the grammar.
        if (indexes.includes(undefined)) return
        if (choices.length !== 2 || !indexes.includes(0) || !indexes.includes(1)) {
          yield finding(reply!, 'two choices, with the indexes 0 and 1', `the indexes ${indexes.join(', ')}`)
        } else if (silent !== undefined) {
          yield finding(silent.where, `text in choice ${silent.index}`, 'none')
        }
      },
    },
  ]
}

/** What a client that looks for its choice by number finds. */
export const choiceIndex: Rule<ChatView> = {
  id: 'openai-chat/shape/choice-index',
  title: 'The choices of a whole reply are numbered from 0, each number once',
  requirements: ['OAI-CHAT-res-choice-index', 'TH-OAI-RES-choice-index', 'PT-RES-choices'],
  fix: 'Number the choices of a reply 0 to n-1.',
  tier: 'official',
  on: (view) => view.askedRightly && view.reply !== undefined && view.choices.length > 0,
  *judge(view) {
    const indexes = view.choices.map(({ index }) => index)
    // What is missing or no whole number is told by the rules of keys and types.
    if (indexes.includes(undefined)) return
    const missing = indexes.findIndex((_, number) => !indexes.includes(number))
    if (missing < 0) return
    const wanted = indexes.length === 1 ? 'index 0' : `the indexes 0 to ${indexes.length - 1}, each once`
    yield finding(view.pointed('/choices'), wanted, indexes.join(', '), {
      why: 'Clients that look for the choice with index 0, or sort by it, find none.',
    })
  },
}
