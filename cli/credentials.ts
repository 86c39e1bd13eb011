import { type Secret, SHORTEST_SECRET } from '../reports/record/redact.ts'
import type { HeaderPair, KeyRole } from '../reports/record/types.ts'
import { keyHeaders } from '../specs/key-forms.ts'
import type { Profile } from '../specs/types.ts'
import { UsageError } from './usage.ts'
import { defaultKeyName, KEY_ROLES } from './words.ts'

/** Keys of a run by role, and what else must never be written down. */
export interface Credentials {
  keys: Partial<Record<KeyRole, string>>
  /** Roles that the user set to `none`. */
  chosen: KeyRole[]
  headers: HeaderPair[]
  /** Parts of header values that are credentials. */
  secrets: Secret[]
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * The keys that the environment holds. `names`: per role the name of its variable, or `none`. A variable that was named
 * must be there; one that nobody named is used where it is.
 */
export function keysFrom(
  names: Partial<Record<KeyRole, string>>,
  env: Env,
): Pick<Credentials, 'keys' | 'chosen'> {
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
      throw new UsageError(`the environment has no ${shownName(name)}, which was named for the ${role} key`)
    }
    keys[role] = checkedKey(value, name)
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

/** Headers in which a dialect under test takes the key, in whatever form. */
export function keyHeadersOf(profile: Profile, dialects: readonly string[]): string[] {
  return dialects.flatMap((id) => {
    const promise = profile.dialects[id]
    return promise === undefined ? [] : keyHeaders(promise.auth)
  })
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const CREDENTIAL =
  /^(?:proxy-)?authorization$|(?:^|-)auth(?:-|$)|(?:^|[-_])key(?:-id)?$|api-?key|token|secret|passw|credential|signature|jwt|^(?:set-)?cookie$/i
/** Keys that open nothing. */
const PLAIN = /^(?:idempotency|cache|x-idempotency|x-cache|x-partition|x-routing)-key$/i
/** Set by assay itself, or by HTTP: a second one would make every exchange ambiguous. */
const OURS =
  /^(?:host|connection|content-length|transfer-encoding|content-type|accept|user-agent|te|upgrade|expect)$/i

/**
 * Headers that the user adds, with `$NAME` filled in from the environment, and the secrets in them. `wasSecret`: headers
 * whose value was a secret when the record was begun, whatever they are called.
 */
export function headersFrom(
  given: Readonly<Record<string, string>>,
  env: Env,
  authHeaders: readonly string[],
  wasSecret: (name: string) => boolean = () => false,
): Pick<Credentials, 'headers' | 'secrets'> {
  const headers: HeaderPair[] = []
  const secrets: Secret[] = []
  const reserved = new Set(authHeaders.map((name) => name.toLowerCase()))
  for (const [name, text] of Object.entries(given)) {
    if (!TOKEN.test(name)) throw new UsageError(`header ${JSON.stringify(name)}: it is not a header name`)
    if (OURS.test(name)) throw new UsageError(`header ${name}: assay sets it itself`)
    if (reserved.has(name.toLowerCase())) {
      throw new UsageError(`header ${name}: the key goes there; name its variable with --key-env`)
    }
    const variable = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1]
    const value = variable === undefined ? text : env[variable]
    if (value === undefined) throw new UsageError(`header ${name}: the environment has no ${variable}`)
    if (!/^[\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new UsageError(`header ${name}: its value holds a character that cannot stand in a header`)
    }
    headers.push([name, value])
    // A value from the environment is treated as a secret whatever the header is called.
    if (variable !== undefined || isCredentialName(name) || wasSecret(name)) {
      for (const part of secretParts(name, value)) secrets.push({ role: 'default', value: part })
    }
  }
  return { headers, secrets }
}

export function isCredentialName(name: string): boolean {
  return CREDENTIAL.test(name) && !PLAIN.test(name)
}

/** The value as a whole, and the credential in it: behind a scheme word, or behind a cookie's name. */
function secretParts(name: string, value: string): string[] {
  const pieces = /cookie/i.test(name)
    ? value.split(';').map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
    : [value.trim().split(/\s+/).at(-1) ?? '']
  const parts = [...new Set([value, ...pieces])].filter((part) => part.length >= SHORTEST_SECRET)
  if (parts.length === 0) {
    throw new UsageError(
      `header ${name} looks like a credential, and is too short (fewer than ${SHORTEST_SECRET} characters) to be masked`,
    )
  }
  return parts
}
