import type { Json } from '../../reports/record/types.ts'
import { type Check, finding, type Ground, note, type Outcome } from '../core/check.ts'
import { endWords } from '../core/conversation.ts'
import { asArray, asString, dig, isObject } from '../core/dig.ts'
import type { Probe } from '../core/probe.ts'
import { CLEAN } from '../requests/clean.ts'
import { NOBODY, sameModel, servedModels } from '../requests/served-models.ts'
import { ask } from './ask.ts'
import { onlyObserved } from './observed.ts'
import type { MessagesView } from './view.ts'

const NAMES = ['id', 'display_name', 'created_at']

/** Names of which the documents leave open what becomes of them. */
const NAMED = [
  {
    name: 'display-name',
    title: 'The display name of a model is an id too, or is refused',
    requirements: ['TH-MODEL-display-name'],
    ids: ['GLM-5.1', 'MiniMax-M2.7'],
  },
  {
    name: 'letter-case',
    title: 'An id in capitals is served, or is refused',
    requirements: ['TPE-MODEL-lowercase'],
    ids: ['GLM-5', 'Kimi-K2.5'],
  },
  {
    name: 'not-listed',
    title: 'An id that is not in the table is served, or is refused',
    requirements: ['TPE-MODEL-closed-list', 'TPE-MODEL-protocol-matrix'],
    ids: ['deepseek-v3.2'],
  },
]

const get = (path: string): Probe => ({ dialect: 'anthropic-messages', method: 'GET', path })
const named = (model: Json): Probe => ask({ model })

/** Which models are served, under which names, and what the gateway says of them. */
export function models(ground: Ground): Check<MessagesView>[] {
  const { promise, model } = ground
  const path = promise.path.replace(/\/messages$/, '/models')
  return [
    ...servedModels('anthropic-messages', ground, named),
    {
      id: 'anthropic-messages/models/list',
      title: 'The list of models is a page of models in the shape of this dialect',
      requirements: ['ANT-MODELS-list'],
      fix: 'Answer GET {base}/v1/models with {data: [{type: "model", id, display_name, created_at}], has_more, first_id, last_id}.',
      expects: 'any',
      ask: { reply: [get(path)] },
      judge: ({ reply }) => list(reply!),
    },
    {
      id: 'anthropic-messages/models/one',
      title: 'One model is told by its id, and an unknown id is answered with 404',
      requirements: ['ANT-MODELS-one'],
      fix: 'Answer GET {base}/v1/models/{id} with one model, or 404 not_found_error.',
      expects: 'any',
      ask: { reply: [get(`${path}/${encodeURIComponent(model)}`)], unknown: [get(`${path}/${NOBODY}`)] },
      *judge({ reply, unknown }) {
        const broken = notServed(reply!)
        if (broken !== undefined) yield broken
        else {
          yield* entry(reply!.json.value ?? null, '', reply!)
          const id = asString(dig(reply!.json.value, 'id'))
          if (id !== undefined && !sameModel(id, model)) {
            yield finding(reply!.pointed('/id'), `${model}, or a longer form of it`, id, { by: 'should' })
          }
        }
        if (unknown!.status === 404) return
        const crashed = unknown!.status === 0 || unknown!.status >= 500
        const weight = crashed
          ? { requirement: CLEAN }
          : unknown!.status < 400
            ? {}
            : { by: 'should' as const }
        yield finding(
          unknown!.statusPlace,
          'status 404 for an unknown id',
          `status ${unknown!.status}`,
          weight,
        )
      },
    },
    ...NAMED.map(
      ({ name, title, requirements, ids }): Check<MessagesView> => ({
        id: `anthropic-messages/models/${name}`,
        title: `${title} (recorded only)`,
        requirements,
        fix: 'Serve what the table names, and answer a 4xx with the envelope for the rest.',
        expects: 'any',
        ask: Object.fromEntries(ids.map((id) => [id, [named(id)]])),
        *judge(asked) {
          for (const [id, view] of Object.entries(asked)) {
            yield* onlyObserved(view, `${id}, answered as ${view.model ?? 'none'}`)
          }
        },
      }),
    ),
    {
      id: 'anthropic-messages/models/chat-only',
      title: 'A model that has no Messages is refused',
      requirements: ['TH-MODEL-INTL-OLD-glm-5-turbo-anthropic'],
      fix: 'Answer a 4xx with the envelope, or put the model into the table.',
      expects: 'any',
      ask: { reply: [named('glm-5-turbo')] },
      *judge({ reply }) {
        if (reply!.succeeded) {
          yield finding(reply!.statusPlace, 'a 4xx status', 'status 200', { by: 'should' })
        } else yield* onlyObserved(reply!, 'glm-5-turbo')
      },
    },
  ]
}

function notServed(view: MessagesView): Outcome | undefined {
  const wanted = 'status 200'
  if (view.status === 0) {
    return finding(view.endPlace, wanted, endWords(view.exchange.end), { requirement: CLEAN })
  }
  if (view.status === 200) return undefined
  const crashed = view.status >= 500
  return finding(view.statusPlace, wanted, `status ${view.status}`, crashed ? { requirement: CLEAN } : {})
}

function* list(view: MessagesView): Iterable<Outcome> {
  const broken = notServed(view)
  if (broken !== undefined) {
    yield broken
    return
  }
  const { value } = view.json
  const data = dig(value, 'data')
  if (!Array.isArray(data)) {
    yield finding(view.pointed('/data'), 'data: a list of models', data)
    return
  }
  const [first] = data
  if (first !== undefined) yield* entry(first, '/data/0', view)
  else yield note(view.pointed('/data'), 'an empty list')
  const more = dig(value, 'has_more')
  if (typeof more !== 'boolean') yield finding(view.pointed('/has_more'), 'has_more: true or false', more)
  for (const [key, at] of [
    ['first_id', 0],
    ['last_id', -1],
  ] as const) {
    const wanted = asString(dig(asArray(data).at(at), 'id')) ?? null
    const got = dig(value, key)
    if (got !== wanted) yield finding(view.pointed(`/${key}`), `${key}: ${wanted}`, got)
  }
}

function* entry(value: Json, pointer: string, view: MessagesView): Iterable<Outcome> {
  if (!isObject(value)) {
    yield finding(view.pointed(pointer), 'a model', value)
    return
  }
  if (value.type !== 'model') yield finding(view.pointed(`${pointer}/type`), 'type: model', value.type)
  for (const key of NAMES) {
    if (typeof value[key] === 'string') continue
    yield finding(view.pointed(`${pointer}/${key}`), `${key}: a string`, value[key])
  }
}
