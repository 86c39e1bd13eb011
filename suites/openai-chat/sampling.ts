import { type Check, finding, note } from '../core/check.ts'
import { chat } from './ask.ts'
import type { ChatView } from './view.ts'

const STORY = 'Write one short sentence about the sea.'

/** What a document says of fields together, beyond each field alone. */
export const sampling: Check<ChatView>[] = [
  {
    id: 'openai-chat/sampling/temperature-and-top_p',
    title: 'temperature and top_p in one request are accepted',
    requirements: ['TH-OAI-REQ-top_p-alternative'],
    fix: 'Accept both: the document recommends one, and forbids nothing.',
    expects: 'any',
    ask: { reply: [chat({ temperature: 0.7, top_p: 0.9 })] },
    *judge({ reply }) {
      if (!reply!.succeeded) yield finding(reply!.statusPlace, 'status 200', `status ${reply!.status}`)
    },
  },
  {
    id: 'openai-chat/sampling/seed-repeats',
    title: 'The same seed gives the same text more often than not (recorded only)',
    requirements: ['TH-OAI-REQ-seed-effect'],
    fix: 'Pass seed on.',
    ask: {
      one: [chat({ seed: 11, temperature: 0 }, { prompt: STORY })],
      other: [chat({ seed: 11, temperature: 0 }, { prompt: STORY, fresh: 'same seed again' })],
    },
    *judge({ one, other }) {
      yield note(other!, one!.content === other!.content ? 'the same text twice' : 'two texts')
    },
  },
  {
    id: 'openai-chat/sampling/reasoning-in-limit',
    title: 'Reasoning and answer share max_tokens on a thinking model',
    requirements: ['TH-OAI-REQ-max_tokens-reasoning-shared'],
    fix: 'Count reasoning tokens inside completion_tokens, and both against max_tokens.',
    ask: { reply: [chat({}, { limit: 24, prompt: 'How many days has a leap year? Think first.' })] },
    *judge({ reply }) {
      const { usage } = reply!
      if (usage?.completion === undefined) return
      if (usage.completion > 24) yield finding(usage.where, 'at most 24 completion_tokens', usage.completion)
    },
  },
]
