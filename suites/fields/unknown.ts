import { type Check, note } from '../core/check.ts'
import type { StreamView } from '../core/stream-view.ts'
import { silentOrBroken } from '../requests/clean.ts'
import { NOTHING } from './compose.ts'
import type { FieldKit } from './kit.ts'

const UNKNOWN_FIELD = { assay_unknown_field: { on: true } }

/** What becomes of a field that nobody knows. */
export function unknownField<V extends StreamView>(kit: FieldKit<V>): Check<V> {
  return {
    id: `${kit.dialect}/field/unknown/accepted`,
    title: 'A field that no document knows is ignored or refused, never answered with a 5xx',
    requirements: kit.requirements.unknown,
    fix: 'Ignore what is not known, or answer 400 with the envelope.',
    expects: 'any',
    ask: { reply: [{ dialect: kit.dialect, body: kit.compose({ ...NOTHING, body: UNKNOWN_FIELD }) }] },
    *judge({ reply }) {
      const broken = silentOrBroken(reply!)
      yield broken ?? note(reply!.statusPlace, `an unknown field: status ${reply!.status}`)
    },
  }
}
