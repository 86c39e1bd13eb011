import { type Check, finding } from '../core/check.ts'
import { idOf } from '../fields/ids.ts'
import type { IgnoredRows } from '../fields/ignored-rows.ts'
import { served } from './access.ts'
import type { MessagesView } from './view.ts'

const ID = 'anthropic-messages'

/** Right values of the headers that may have no effect: a version of the API, and a feature that there was. */
const HEADERS = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'prompt-caching-2024-07-31' }

/** All that a document says has no effect, fields and headers, in one request. Each kind alone is asked elsewhere. */
export function ignoredAtOnce(
  { held, request }: IgnoredRows,
  sameShape: (plain: MessagesView, other: MessagesView) => string | undefined,
): Check<MessagesView>[] {
  if (held.length === 0) return []
  return [
    {
      id: `${ID}/ignored/together`,
      title: 'Ignored fields and headers, all in one request, change nothing',
      requirements: ['TH-ANT-NOTE-ignored-no-error'],
      fix: 'Take out fields and headers that have no effect before the request goes on.',
      needs: [
        `${ID}/plain/reply`,
        ...new Set(
          held.flatMap(({ path, needs }) => [path, ...needs].map((one) => idOf(ID, one, 'accepted'))),
        ),
      ],
      expects: 'any',
      ask: { without: [request([])], all: [{ ...request(held), headers: HEADERS }] },
      *judge({ without, all }) {
        yield* served(all!)
        if (!all!.succeeded) return
        if (!without!.answered) yield { inconclusive: 'the request without them was not answered' }
        else {
          const difference = sameShape(without!, all!)
          // A right value may have the effect that it has elsewhere.
          if (difference !== undefined)
            yield finding(all!, 'the same shape as without them', difference, { by: 'should' })
        }
      },
    },
  ]
}
