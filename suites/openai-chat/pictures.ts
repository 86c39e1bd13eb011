import type { Json } from '../../reports/record/types.ts'
import { type Check, finding, type Ground } from '../core/check.ts'
import { unsuccessful } from '../core/conversation.ts'
import { onlyObserved } from '../requests/clean.ts'
import { chat } from './ask.ts'
import { cutBeforeText } from './finish.ts'
import { PICTURE } from './picture.ts'
import type { ChatView } from './view.ts'

const QUESTION: Json[] = [
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Which two colours has this picture? Two words.' },
      { type: 'image_url', image_url: { url: PICTURE } },
    ],
  },
]

/** A model that is said to see takes a picture; what another one does with it is recorded. */
export function pictures({ capabilities }: Ground): Check<ChatView>[] {
  const sees = capabilities.includes('vision')
  return [
    {
      id: 'openai-chat/messages/image-part',
      title: sees
        ? 'A model that can see answers a message with a picture'
        : 'A picture is answered, or refused with a clean 4xx by a model that cannot see',
      requirements: ['OAI-CHAT-msg-image-parts', 'TH-OAI-MSG-content-parts'],
      fix: sees
        ? 'Pass parts of type image_url on, data URLs too.'
        : 'Answer 400 with the envelope where the model cannot take images; never 5xx.',
      expects: 'any',
      ask: { reply: [chat({}, { messages: QUESTION })] },
      *judge({ reply }) {
        if (!sees) yield* onlyObserved(reply!, 'a picture')
        else if (reply!.status === 429) yield { inconclusive: 'the gateway answered 429 to every try' }
        else if (!reply!.succeeded) yield unsuccessful(reply!)
        else if (cutBeforeText(reply!)) yield { inconclusive: 'the limit came before any text' }
        else if (reply!.content === '' && reply!.choice!.refusal === null) {
          yield finding(reply!.choice!.where, 'a text about the picture', 'none')
        }
      },
    },
  ]
}
