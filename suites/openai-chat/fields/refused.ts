import type { FieldPromise } from '../../../specs/types.ts'
import { type Check, finding, note, type Outcome } from '../../core/check.ts'
import { endWords } from '../../core/conversation.ts'
import { acceptedBadValue } from '../../core/decide.ts'
import type { Probe } from '../../core/probe.ts'
import type { FieldSpec } from '../../core/schema.ts'
import { chat } from '../ask.ts'
import { namesField } from '../errors.ts'
import { CLEAN } from '../finish.ts'
import type { ChatView } from '../view.ts'
import { bodyOf, type Case, probeOf } from './compose.ts'
import { BAD_VALUES, idOf } from './ids.ts'
import { replaced } from './place.ts'
import { type Wrong, wrongValues } from './wrong.ts'

/** Output tokens of a wrong request, where it is served after all. */
const LIMIT = 4

/** Wrong requests by name, each with one fault. */
export function wrongProbes(field: FieldSpec, carrier: Case, promise: FieldPromise): Map<string, Probe> {
  const probes = new Map<string, Probe>()
  for (const wrong of wrongValues(field, promise)) {
    const probe = wrongProbe(field.path, carrier, wrong)
    if (probe !== undefined) probes.set(wrong.fault, probe)
  }
  return probes
}

function wrongProbe(path: string, carrier: Case, wrong: Wrong): Probe | undefined {
  // Said so by hand-written checks too: equal probes are sent once.
  if (wrong.value === undefined && (path === 'model' || path === 'messages')) {
    return chat({}, { without: [path] })
  }
  if (path === 'messages' && typeof wrong.value === 'string') return chat({ messages: 'hello' })
  const right = bodyOf(wrong.dependency ? [] : [carrier])
  const body = replaced(right, path, wrong.value)
  if (body === undefined) return undefined
  const { limit } = probeOf([carrier])
  return { dialect: 'openai-chat', body, limit: limit === null ? null : LIMIT }
}

/** Each wrong value alone is refused, and the refusal names the field. */
export function refusedCheck(
  field: FieldSpec,
  carrier: Case,
  promise: FieldPromise,
): Check<ChatView> | undefined {
  const probes = wrongProbes(field, carrier, promise)
  if (probes.size === 0) return undefined
  const refusal = promise.refusal ?? 'unstated'
  const weight = acceptedBadValue(refusal)
  return {
    id: idOf(field.path, 'refused'),
    title:
      refusal === 'unstated'
        ? `Wrong values of ${field.path} are answered or refused, never with a 5xx`
        : `Wrong values of ${field.path} are refused with 400`,
    requirements: refusal === 'stated' ? [...promise.requirements, BAD_VALUES] : [BAD_VALUES],
    fix: `Check ${field.path} before the request goes on; answer 400 with the envelope; param: ${field.path}.`,
    expects: 'any',
    needs: ['openai-chat/plain/reply', ...carrier.needs.map((need) => idOf(need, 'accepted'))],
    ask: Object.fromEntries([...probes].map(([fault, probe]) => [fault, [probe]])),
    *judge(asked) {
      for (const fault of probes.keys()) yield* refusalOf(asked[fault]!, field.path, fault, weight)
    },
  }
}

function* refusalOf(
  view: ChatView,
  path: string,
  fault: string,
  weight: ReturnType<typeof acceptedBadValue>,
): Iterable<Outcome> {
  const wanted = `status 400 for ${path}: ${fault}`
  const broken = silentOrBroken(view, wanted)
  if (broken !== undefined) yield broken
  else if (view.status === 429) yield { inconclusive: 'the gateway answered 429 to every try' }
  // The form of a refusal is judged by a rule, once for all.
  else if (view.status >= 400) yield* namesField(view, path)
  else if (weight.by === 'observe') yield note(view.statusPlace, `${path}: ${fault}: status ${view.status}`)
  else yield finding(view.statusPlace, wanted, `status ${view.status}`, weight)
}

/** What is wrong whatever the request was: no answer, a 5xx, a success that holds an error. */
export function silentOrBroken(view: ChatView, wanted = 'an answer, or a 4xx status'): Outcome | undefined {
  if (view.status === 0) {
    return finding(view.endPlace, wanted, `no answer: ${endWords(view.exchange.end)}`, {
      requirement: CLEAN,
    })
  }
  if (view.status >= 500) {
    return finding(view.statusPlace, wanted, `status ${view.status}`, {
      requirement: CLEAN,
    })
  }
  const inside = view.streamError ?? (view.error === undefined ? undefined : view.pointed('/error'))
  if (view.status < 400 && inside !== undefined) {
    return finding(inside, wanted, `status ${view.status} with an error inside`, {
      requirement: 'HTTP-no-error-in-2xx',
    })
  }
  return undefined
}
