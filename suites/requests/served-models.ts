import type { Json } from '../../reports/record/types.ts'
import { type Check, finding, type Ground, note, type Outcome } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'

/** An id that no model has. */
export const NOBODY = 'assay-no-such-model-000'

/** Statuses that say "not now" of a model that is there. */
const NOT_NOW = [408, 409, 425, 429]

/** A view that knows which model the answer names. */
export type Naming = StreamView & { readonly model: string | undefined }

/** One question a documented model: is it served? A model that the user did not call activated is not asked. */
export function servedModels(
  dialect: string,
  { profile, models: activated }: Ground,
  probe: (model: Json) => Probe,
): Check<Naming>[] {
  return profile.models
    .filter((model) => model.dialects.includes(dialect) && model.requirements.length > 0)
    .map((model): Check<Naming> => {
      const out = activated?.includes(model.id) === false
      return {
        id: `${dialect}/models/${model.id}`,
        title: `Model ${model.id} is served`,
        requirements: model.requirements,
        fix: `Serve ${model.id}, or take it out of the documents.`,
        expects: 'any',
        ...(out ? { leftOut: `not the model under test; models: [${model.id}] in --config asks it` } : {}),
        ask: out ? {} : { reply: [probe(model.id)], unknown: [probe(NOBODY)] },
        judge: ({ reply, unknown }) => served(model.id, reply!, unknown!, activated !== undefined),
      }
    })
}

function* served(id: string, reply: Naming, unknown: Naming, activated: boolean): Iterable<Outcome> {
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

/** A dated snapshot, another case, and a name with or without its maker's prefix are the model that was asked for. */
export function sameModel(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()]
  return a.includes(b) || b.includes(a)
}
