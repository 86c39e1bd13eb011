/** Which limit was promised for the key that was examined, and by whose word. */
import { holds } from '../../specs/level.ts'
import type { Profile, Requirement } from '../../specs/types.ts'
import type { Order } from '../order.ts'
import { limitOptions } from '../scenarios/limits/cost.ts'

export interface Promised {
  by: 'config' | 'profile' | 'none'
  /** Units within `window_s`. */
  limit?: number
  window_s: number
  requirements: string[]
  /** The profile's row may be that of another kind of key (C-32): a deviation warns. */
  unsure: boolean
}

export function promisedLimit(
  order: Order,
  profile: Profile,
  requirements: ReadonlyMap<string, Requirement>,
): Promised {
  const { expect_limit: expected, expect_window_s, key_role } = limitOptions(order)
  const field = order.scenario === 'rpm' ? 'requests_per_minute' : 'tokens_per_minute'
  const rows = (profile.limits ?? []).filter((row) => row[field] !== undefined)
  const own = rows.find((row) => row.key_role === key_role)
  const row = own ?? rows.find((one) => one.key_role === undefined)
  const held = (row?.requirements ?? []).filter((id) => {
    const found = requirements.get(id)
    return found !== undefined && found.contradictions !== undefined && holds(profile, found)
  })
  if (expected !== undefined) {
    const same = row?.[field] !== undefined && row[field] === (expected * 60) / expect_window_s
    return {
      by: 'config',
      limit: expected,
      window_s: expect_window_s,
      requirements: same ? held : [],
      unsure: false,
    }
  }
  const limit = row?.[field]
  if (limit === undefined) return { by: 'none', window_s: 60, requirements: [], unsure: false }
  // C-32: limits by kind of user in one place, by key in another. A key whose kind is not known may have its own.
  return { by: 'profile', limit, window_s: 60, requirements: held, unsure: own === undefined }
}
