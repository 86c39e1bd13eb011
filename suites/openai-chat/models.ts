import { type Check, finding, type Ground, note, type Outcome } from '../core/check.ts'
import { chat } from './ask.ts'
import { CLEAN } from './finish.ts'
import type { ChatView } from './view.ts'

const NOBODY = 'assay-no-such-model-000'

/** One question a documented model: is it served? A model that the user did not call activated is not asked. */
export function models({ profile, models: activated }: Ground): Check<ChatView>[] {
  return [
    ...profile.models
      .filter((model) => model.dialects.includes('openai-chat') && model.requirements.length > 0)
      .map((model): Check<ChatView> => {
        const out = activated?.includes(model.id) === false
        return {
          id: `openai-chat/models/${model.id}`,
          title: `Model ${model.id} is served`,
          requirements: model.requirements,
          fix: `Serve ${model.id}, or take it out of the documents.`,
          expects: 'any',
          ...(out ? { leftOut: `not the model under test; models: [${model.id}] in --config asks it` } : {}),
          ask: out
            ? {}
            : {
                reply: [chat({ model: model.id }, { limit: 8 })],
                unknown: [chat({ model: NOBODY }, { limit: 8 })],
              },
          judge: ({ reply, unknown }) => served(model.id, reply!, unknown!, activated !== undefined),
        }
      }),
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

/** A dated snapshot, another case, and a name with or without its maker's prefix are the model that was asked for. */
function sameModel(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  return a.includes(b) || b.includes(a)
}

function* observed(view: ChatView, name: string): Iterable<Outcome> {
  if (view.status >= 500 || view.status === 0) {
    yield finding(view.statusPlace, `200 or a 4xx for ${name}`, `status ${view.status}`, {
      requirement: CLEAN,
    })
  } else yield note(view.statusPlace, `${name}: status ${view.status}, model ${view.model ?? 'none'}`)
}

/** Statuses that say "not now" of a model that is there. */
const NOT_NOW = [408, 409, 425, 429]

function* served(id: string, reply: ChatView, unknown: ChatView, activated: boolean): Iterable<Outcome> {
  if (reply.succeeded) {
    if (reply.model !== id) yield note(reply.pointed('/model'), `echoed as ${reply.model}`)
    return
  }
  if (activated && NOT_NOW.includes(reply.status)) {
    yield { inconclusive: `status ${reply.status}: it may be served at another time` }
    return
  }
  if (!activated && reply.status >= 400 && reply.status < 500) {
    const same = reply.status === unknown.status
    yield {
      inconclusive: `status ${reply.status}: it may not be activated for this key${same ? '; an id that does not exist gets the same answer, the two cannot be told apart' : ''}`,
    }
    return
  }
  yield finding(reply.statusPlace, 'status 200', `status ${reply.status}`)
}
