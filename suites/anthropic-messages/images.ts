import type { Json } from '../../reports/record/types.ts'
import { type Check, note } from '../core/check.ts'
import { ask, STATUS_TOOL } from './ask.ts'
import { onlyObserved, unsupported } from './observed.ts'
import { picture } from './picture.ts'
import { STATUS, STATUS_PROMPT } from './tools/calls.ts'
import { answerCalls, result, user } from './tools/replay.ts'
import { text } from './tools/results.ts'
import { answered } from './turns.ts'
import type { MessagesView } from './view.ts'

const QUESTION: Json = { type: 'text', text: 'Which colour has this picture? Reply with one word.' }
/** No gateway on a network of its own can fetch it: how that is told is all that is seen. */
const ELSEWHERE = 'https://www.example.com/picture.png'

const seen = (image: Json) => ask({}, { messages: [user([image, QUESTION])] })
const PICTURE = seen(picture())

/** Any call will do: what matters is the result. */
const SHOWN = answerCalls({
  prompt: STATUS_PROMPT,
  fields: { tools: [STATUS_TOOL] },
  after: (ids) => [user([...ids.map((id) => result(id, [picture()])), QUESTION])],
})

const sees = (reply: MessagesView): boolean => /\b(?:red|crimson|scarlet)\b/i.test(reply.content)

export const images: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/images/base64',
    title: 'A picture in base64 reaches a model that can see',
    requirements: ['ANT-REQ-messages-content-image', 'TH-ANT-MSG-image'],
    fix: 'Pass image blocks of source type base64 on, with their media_type.',
    ask: { reply: [PICTURE] },
    elicit: { ask: 'reply', shows: sees },
    judge: ({ reply }) => answered(reply!),
  },
  {
    id: 'anthropic-messages/images/url',
    title: 'A picture by URL is answered or refused, never with a 5xx',
    requirements: ['ANT-REQ-messages-content-source', 'TH-ANT-MSG-image'],
    fix: 'Fetch the picture or pass its URL on; refuse with 400 where it cannot be had.',
    needs: ['anthropic-messages/images/base64'],
    expects: 'any',
    ask: { reply: [seen({ type: 'image', source: { type: 'url', url: ELSEWHERE } })] },
    judge: ({ reply }) => onlyObserved(reply!, 'a picture by URL'),
  },
  {
    id: 'anthropic-messages/images/media-type',
    title: 'A media_type that is none of jpeg, png, gif and webp is refused or answered, never with a 5xx',
    requirements: ['ANT-REQ-messages-content-source'],
    fix: 'Answer 400 invalid_request_error; name source.media_type.',
    needs: ['anthropic-messages/images/base64'],
    expects: 'any',
    ask: { reply: [seen(picture('image/bmp'))] },
    judge: ({ reply }) => onlyObserved(reply!, 'media_type image/bmp'),
  },
  {
    id: 'anthropic-messages/images/mislabelled',
    title: 'A PNG that calls itself a JPEG is answered or refused, never with a 5xx',
    requirements: ['ANT-REQ-messages-content-source', 'TH-ANT-MSG-image'],
    fix: 'Go by the bytes, or refuse with 400 and the envelope.',
    needs: ['anthropic-messages/images/base64'],
    expects: 'any',
    ask: { reply: [seen(picture('image/jpeg'))] },
    judge: ({ reply }) => onlyObserved(reply!, 'a PNG labelled image/jpeg'),
  },
  {
    id: 'anthropic-messages/images/in-result',
    title: 'A picture in a tool_result reaches a model that can see',
    requirements: ['ANT-TOOL-result-image'],
    fix: 'Pass images of tool results on; where the upstream takes text only, in a user turn behind the results.',
    needs: ['anthropic-messages/images/base64', 'anthropic-messages/tools/second-turn'],
    ask: { reply: [STATUS, SHOWN] },
    elicit: { ask: 'reply', shows: sees },
    *judge({ reply }) {
      yield* text(reply!)
      yield note(reply!.message!.where, 'the answer names the colour')
    },
  },
  {
    id: 'anthropic-messages/images/unsupported',
    title: 'A picture, which is not supported, is refused with a clean 4xx',
    requirements: ['TH-ANT-MSG-image-old', 'TPE-MODEL-no-multimodal'],
    fix: 'Refuse with a 4xx and the envelope; never 5xx.',
    expects: 'any',
    ask: { reply: [PICTURE] },
    judge: ({ reply }) => unsupported(reply!, 'an image block'),
  },
]
