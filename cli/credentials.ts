import { maskText, SHORTEST_SECRET } from '../reports/record/redact.ts'
import type { KeyRole } from '../reports/record/types.ts'
import { UsageError } from './usage.ts'
import { defaultKeyName, KEY_ROLES } from './words.ts'

/** Keys of a run by role. */
export interface Credentials {
  keys: Partial<Record<KeyRole, string>>
  /** Roles that the user set to `none`. */
  chosen: KeyRole[]
}

export type Env = Readonly<Record<string, string | undefined>>

/**
 * The keys that the environment holds. `names`: per role the name of its variable, or `none`. A variable that was named
 * must be there; one that nobody named is used where it is. `origin`: where a role's variable was named.
 */
export function keysFrom(
  names: Partial<Record<KeyRole, string>>,
  env: Env,
  origin: (role: KeyRole) => string = () => '',
): Credentials {
  const keys: Partial<Record<KeyRole, string>> = {}
  const chosen: KeyRole[] = []
  for (const role of KEY_ROLES) {
    const named = names[role]
    if (named === 'none') {
      chosen.push(role)
      continue
    }
    const name = named ?? defaultKeyName(role)
    const value = env[name]
    if (value === undefined || value === '') {
      if (named === undefined) continue
      throw new UsageError(
        `${origin(role)}the environment has no ${shownName(name)}, which was named for the ${role} key`,
      )
    }
    keys[role] = checkedKey(value, named === undefined ? name : origin(role) + name)
  }
  if (keys.default === undefined && !chosen.includes('default')) {
    throw new UsageError(
      'no key: set ASSAY_KEY, or name the variable that holds it (--key-env NAME). ' +
        `If the gateway needs none, any text of ${SHORTEST_SECRET} characters or more will do`,
    )
  }
  return { keys, chosen }
}

/** What was named may be the key itself, by mistake: what does not look like the name of a variable is not repeated. */
function shownName(name: string): string {
  return /^[A-Z_][A-Z0-9_]{0,63}$/.test(name)
    ? name
    : `variable of the name that was given (${name.length} characters; a NAME is asked for, never the key itself)`
}

function checkedKey(value: string, name: string): string {
  if (value.length < SHORTEST_SECRET) {
    throw new UsageError(
      `${name} has fewer than ${SHORTEST_SECRET} characters: too short to be masked reliably`,
    )
  }
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new UsageError(`${name} holds a character that cannot stand in a header (a space or a line end?)`)
  }
  return value
}

/** Whether a text holds a key, in whatever form it could be found in a record. */
export function holds(text: string, key: string): boolean {
  return maskText(text, [{ role: 'default', value: key }]).finds.length > 0
}
