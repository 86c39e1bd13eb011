import type { Profile } from '../../specs/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { chat } from './ask.ts'
import type { ChatView } from './view.ts'

const NOBODY = 'assay-no-such-model-000'

/** One question a documented model: is it served? */
export function models(profile: Profile): Check<ChatView>[] {
  return [
    ...profile.models
      .filter((model) => model.dialects.includes('openai-chat') && model.requirements.length > 0)
      .map(
        (model): Check<ChatView> => ({
          id: `openai-chat/models/${model.id}`,
          title: `Model ${model.id} is served`,
          requirements: model.requirements,
          fix: `Serve ${model.id}, or take it out of the documents.`,
          expects: 'any',
          ask: {
            reply: [chat({ model: model.id }, { limit: 8 })],
            unknown: [chat({ model: NOBODY }, { limit: 8 })],
          },
          judge: ({ reply, unknown }) => served(model.id, reply!, unknown!),
        }),
      ),
    {
      id: 'openai-chat/models/echo',
      title: 'The answer names the model that was asked for',
      requirements: ['OAI-CHAT-res-model', 'TH-OAI-RES-model', 'PT-RES-model'],
      fix: 'Put the id of the model that was used into the field model.',
      ask: { reply: [chat()] },
      *judge({ reply }) {
        const asked = reply!.asked
        const wanted =
          typeof asked === 'object' && asked !== null && 'model' in asked ? asked.model : undefined
        const where = reply!.pointed('/model')
        if (!reply!.model) yield finding(where, 'the name of the model', reply!.reply?.model)
        else if (reply!.model !== wanted)
          yield note(where, `${String(wanted)} was asked for, ${reply!.model} answered`)
      },
    },
  ]
}

function* served(id: string, reply: ChatView, unknown: ChatView): Iterable<Outcome> {
  if (reply.succeeded) {
    if (reply.model !== id) yield note(reply.pointed('/model'), `echoed as ${reply.model}`)
    return
  }
  if (reply.status >= 400 && reply.status < 500) {
    const same = reply.status === unknown.status
    yield {
      inconclusive: `status ${reply.status}: it may not be activated for this key${same ? '; an id that does not exist gets the same answer, the two cannot be told apart' : ''}`,
    }
    return
  }
  yield finding(reply.statusPlace, 'status 200', `status ${reply.status}`)
}
