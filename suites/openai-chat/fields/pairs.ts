import { type Check, finding, note } from '../../core/check.ts'
import { silentOrBroken } from '../../requests/clean.ts'
import { chat } from '../ask.ts'
import type { ChatView } from '../view.ts'

/** Questions about fields that no one field's schema can put. */
export const pairs: Check<ChatView>[] = [
  {
    id: 'openai-chat/field/temperature+top_p/accepted',
    title: 'temperature and top_p may stand in one request',
    requirements: ['TH-OAI-REQ-top_p-alternative'],
    fix: 'Pass both on, or document that they exclude each other.',
    expects: 'any',
    ask: { reply: [chat({ temperature: 0.5, top_p: 0.5 })] },
    *judge({ reply }) {
      const broken = silentOrBroken(reply!)
      if (broken !== undefined) yield broken
      else if (reply!.status >= 400) {
        yield finding(reply!.statusPlace, 'status 200', `status ${reply!.status}`, { by: 'should' })
      }
    },
  },
  {
    id: 'openai-chat/field/seed/repeat',
    title: 'The same seed at temperature 0 tends to repeat the answer (recorded only)',
    requirements: ['TH-OAI-REQ-seed-effect'],
    fix: 'Pass seed on.',
    ask: {
      one: [chat({ seed: 7, temperature: 0 }, { prompt: 'Name any three animals.' })],
      other: [chat({ seed: 7, temperature: 0 }, { prompt: 'Name any three animals.', fresh: 'same seed' })],
    },
    *judge({ one, other }) {
      yield note(other!, one!.content === other!.content ? 'the same answer' : 'another answer')
    },
  },
]
