import type { KeyRole } from '../reports/record/types.ts'
import type { Missing, Source } from '../suites/core/source.ts'
import { defaultKeyName, KEY_ROLES } from './words.ts'

/** Why a question was not asked for want of a key, and what the user can do about it. */
export function noKey(role: string): Missing {
  const known = KEY_ROLES.find((one): one is KeyRole => one === role)
  const advice =
    known === undefined
      ? ''
      : `: set ${defaultKeyName(known)}, or choose to leave it out (keys: { ${role}: none } in --config)`
  return { missing: 'unavailable', text: `no key was given for role ${role}${advice}` }
}

/** A source that says what to do about a missing key: the lab knows roles, not variables. */
export function advising(source: Source): Source {
  return {
    async ask(resolved) {
      const answer = await source.ask(resolved)
      const unavailable = 'missing' in answer && answer.missing === 'unavailable'
      return unavailable ? noKey(resolved.probe.keyRole ?? 'default') : answer
    },
  }
}
