import type { Finding } from '../../reports/record/types.ts'
import { finding, note, type Outcome } from '../core/check.ts'
import { silentOrBroken } from '../requests/clean.ts'
import type { MessagesView } from './view.ts'

export { CLEAN } from '../requests/clean.ts'

/** Only the vendor's own specification says that a request is refused: whoever serves it is warned. */
export const OFFICIAL = { by: 'official', atMost: 'warn' } as const

/** Whatever is decided is recorded; only silence, a crash and an error inside a success are wrong. */
export function* onlyObserved(view: MessagesView, what: string): Iterable<Outcome> {
  yield broken(view, what) ?? note(view.statusPlace, `${what}: status ${view.status}`)
}

/**
 * A request that a source says is refused with 400. `word` says how much its acceptance weighs; another 4xx is a
 * warning, and a crash is wrong whoever says so.
 */
export function* refusedWith400(
  view: MessagesView,
  what: string,
  word: Partial<Pick<Finding, 'by' | 'atMost' | 'requirement'>>,
): Iterable<Outcome> {
  const wrong = broken(view, what)
  if (wrong !== undefined) yield wrong
  else if (view.status !== 400) {
    const weight = view.status < 400 ? word : ({ by: 'should' } as const)
    yield finding(view.statusPlace, `status 400 for ${what}`, `status ${view.status}`, weight)
  }
}

/**
 * Something that the document calls not supported and says no more of: a 4xx is right, an answer that leaves it out is
 * a warning, a crash is wrong.
 */
export function* unsupported(view: MessagesView, what: string): Iterable<Outcome> {
  const wrong = broken(view, what)
  if (wrong !== undefined) yield wrong
  else if (view.status < 400) {
    const expected = `a clean 4xx: ${what} is not supported`
    yield finding(view.statusPlace, expected, `status ${view.status}`, { by: 'should' })
  }
}

function broken(view: MessagesView, what: string): Outcome | undefined {
  return silentOrBroken(view, `200 or a clean 4xx for ${what}`)
}
