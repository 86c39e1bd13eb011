import type { SessionOptions } from '../suites/core/select.ts'
import type { Source } from '../suites/core/source.ts'
import { noKey } from './missing-key.ts'

/**
 * A source that answers for key roles without a key before anything else is asked. A live run and judging again share
 * it, so that a run that was stopped (interrupted, out of reach, budget spent) skips the same questions as its record.
 */
export function byRole(source: Source, roles: SessionOptions['roles']): Source {
  return {
    async ask(resolved) {
      const role = resolved.probe.keyRole ?? 'default'
      if (role === 'none' || role === 'wrong' || roles.given.includes(role)) return source.ask(resolved)
      return roles.chosen.includes(role)
        ? { missing: 'chosen', text: `key role ${role} is set to none` }
        : noKey(role)
    },
  }
}
