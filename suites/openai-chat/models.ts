import { type Check, finding, type Ground, note, type Outcome } from '../core/check.ts'
import { CLEAN } from '../requests/clean.ts'
import { NOBODY, sameModel, servedModels } from '../requests/served-models.ts'
import { chat } from './ask.ts'
import type { ChatView } from './view.ts'

/** Which models are served, under which names. */
export function models(ground: Ground): Check<ChatView>[] {
  return [
    ...servedModels('openai-chat', ground, (model) => chat({ model }, { limit: 8 })),
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
        else if (!sameModel(reply!.model, String(wanted))) {
          yield finding(where, `${String(wanted)}, or a longer form of it`, reply!.model, {
            contradiction: 'C-27',
          })
        } else if (reply!.model !== wanted)
          yield note(where, `${String(wanted)} was asked for, ${reply!.model} answered`)
      },
    },
    {
      id: 'openai-chat/models/display-name',
      title: 'The display name of a model is an id too, or is refused (recorded only)',
      requirements: ['TH-MODEL-display-name'],
      fix: 'Serve only what the id column names, or say that names are ids too.',
      expects: 'any',
      ask: {
        glm: [chat({ model: 'GLM-5.1' }, { limit: 8 })],
        minimax: [chat({ model: 'MiniMax-M2.7' }, { limit: 8 })],
      },
      *judge({ glm, minimax }) {
        yield* observed(glm!, 'GLM-5.1')
        yield* observed(minimax!, 'MiniMax-M2.7')
      },
    },
    {
      id: 'openai-chat/models/not-listed',
      title: 'A model that does not exist is told apart from one that is served',
      requirements: ['PT-MODEL-list-open', 'PT-ERR-statuses-open'],
      fix: 'Answer a 4xx with the envelope for a model that does not exist.',
      expects: 'any',
      ask: { reply: [chat({ model: NOBODY }, { limit: 8 })] },
      *judge({ reply }) {
        yield* observed(reply!, NOBODY)
      },
    },
    {
      id: 'openai-chat/models/foreign',
      title: 'Foreign models are refused, as the document says that they are not served',
      requirements: ['PT-MODEL-no-foreign'],
      fix: 'Answer a 4xx with the envelope for gpt-4o and claude ids.',
      expects: 'any',
      ask: {
        gpt: [chat({ model: 'gpt-4o' }, { limit: 8 })],
        claude: [chat({ model: 'claude-sonnet-4-5' }, { limit: 8 })],
      },
      *judge({ gpt, claude }) {
        for (const view of [gpt!, claude!]) {
          if (view.succeeded) yield finding(view.statusPlace, 'a 4xx status', 'status 200', { by: 'should' })
          else if (view.status >= 500 || view.status === 0) {
            yield finding(view.statusPlace, 'a 4xx status', `status ${view.status}`)
          }
        }
      },
    },
  ]
}

function* observed(view: ChatView, name: string): Iterable<Outcome> {
  if (view.status >= 500 || view.status === 0) {
    yield finding(view.statusPlace, `200 or a 4xx for ${name}`, `status ${view.status}`, {
      requirement: CLEAN,
    })
  } else yield note(view.statusPlace, `${name}: status ${view.status}, model ${view.model ?? 'none'}`)
}
