import { finding, note, type Outcome } from '../core/check.ts'
import { endWords } from '../core/conversation.ts'
import type { StreamView } from '../core/stream-view.ts'
import type { View } from '../core/view.ts'

/** The requirement that a request at fault is answered with 4xx, whatever else the documents leave open. */
export const CLEAN = 'HTTP-client-error-status'

/** What is wrong whatever the request was: no answer, a 5xx, a success that holds an error. */
export function silentOrBroken(view: StreamView, wanted = 'an answer, or a 4xx status'): Outcome | undefined {
  if (view.status === 0) {
    const got = `no answer: ${endWords(view.exchange.end)}`
    return finding(view.endPlace, wanted, got, { requirement: CLEAN })
  }
  if (view.status >= 500) {
    return finding(view.statusPlace, wanted, `status ${view.status}`, { requirement: CLEAN })
  }
  const inside = view.streamError ?? (view.error === undefined ? undefined : view.pointed('/error'))
  if (view.status < 400 && inside !== undefined) {
    return finding(inside, wanted, `status ${view.status} with an error inside`, {
      requirement: 'HTTP-no-error-in-2xx',
    })
  }
  return undefined
}

/** Whatever is decided is recorded; only silence and a crash are wrong. */
export function* onlyObserved(view: View, what: string): Iterable<Outcome> {
  const requirement = CLEAN
  const wanted = `200 or a clean 4xx for ${what}`
  if (view.status === 0) yield finding(view.endPlace, wanted, endWords(view.exchange.end), { requirement })
  else if (view.status >= 500)
    yield finding(view.statusPlace, wanted, `status ${view.status}`, { requirement })
  else yield note(view.statusPlace, `${what}: status ${view.status}`)
}
