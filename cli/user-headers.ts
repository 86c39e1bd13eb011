import { type Secret, SHORTEST_SECRET } from '../reports/record/redact.ts'
import type { HeaderPair, KeyRole } from '../reports/record/types.ts'
import { isCredentialName, isHeaderName, isOurs } from '../specs/header-names.ts'
import { keyHeaders } from '../specs/key-forms.ts'
import type { Profile, Specs } from '../specs/types.ts'
import { type Env, holds } from './credentials.ts'
import { UsageError } from './usage.ts'
import { defaultKeyName, KEY_ROLES } from './words.ts'

/** Headers that the user adds to every request. */
export interface UserHeaders {
  headers: HeaderPair[]
  /** Parts of their values that must never be written down. */
  secrets: Secret[]
}

/** What is known of headers beside their names. */
export interface HeaderContext {
  /** Headers in which a dialect under test takes the key. */
  keyHeaders: readonly string[]
  /** Why this value cannot be sent beside what the profile says, if so. */
  against?(name: string, value: string): string | undefined
  /** Whether the value was a secret when the record was begun, whatever the header is called. */
  wasSecret?(name: string): boolean
  /** Where the header was given: `assay.yaml:3:6: `. */
  origin?(name: string): string
}

/** Headers that the user adds, with `$NAME` filled in from the environment, and the secrets in them. */
export function headersFrom(
  given: Readonly<Record<string, string>>,
  env: Env,
  { keyHeaders: reserved, against, wasSecret, origin = () => '' }: HeaderContext,
): UserHeaders {
  const headers: HeaderPair[] = []
  const secrets: Secret[] = []
  for (const [name, text] of Object.entries(given)) {
    const refuse = (why: string): never => {
      throw new UsageError(
        `${origin(name)}header ${isHeaderName(name) ? name : JSON.stringify(name)}: ${why}`,
      )
    }
    if (!isHeaderName(name)) refuse('it is not a header name')
    if (isOurs(name)) refuse('assay sets it itself')
    if (reserved.some((one) => one.toLowerCase() === name.toLowerCase()))
      refuse('the key goes there; name its variable with --key-env')
    const variable = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1]
    const value = variable === undefined ? text : env[variable]
    if (value === undefined) return refuse(`the environment has no ${variable}`)
    if (!/^[\x20-\x7e\x80-\xff]*$/.test(value))
      refuse('its value holds a character that cannot stand in a header')
    const contrary = against?.(name, value)
    if (contrary !== undefined) refuse(contrary)
    headers.push([name, value])
    // A value from the environment is treated as a secret whatever the header is called.
    if (variable !== undefined || isCredentialName(name) || wasSecret?.(name) === true) {
      const parts = secretParts(name, value)
      if (parts.length === 0) {
        refuse(
          `it looks like a credential, and is too short (fewer than ${SHORTEST_SECRET} characters) to be masked`,
        )
      }
      for (const part of parts) secrets.push({ role: 'default', value: part })
    }
  }
  return { headers, secrets }
}

function isSecret(value: string, secrets: readonly Secret[]): boolean {
  return secrets.some((secret) => value.includes(secret.value))
}

/** The value as a whole, and the credential in it: behind a scheme word, or behind a cookie's name. */
function secretParts(name: string, value: string): string[] {
  const pieces = /cookie/i.test(name)
    ? value.split(';').map((pair) => pair.slice(pair.indexOf('=') + 1).trim())
    : [value.trim().split(/\s+/).at(-1) ?? '']
  return [...new Set([value, ...pieces])].filter((part) => part.length >= SHORTEST_SECRET)
}

/** What the dialects under test say of headers: which carry the key, and which have a value already. */
export function headersOf(
  profile: Profile,
  dialects: readonly string[],
  specs: Specs,
): Pick<HeaderContext, 'keyHeaders' | 'against'> {
  const promises = dialects.flatMap((id) => {
    const promise = profile.dialects[id]
    return promise === undefined ? [] : [{ id, promise }]
  })
  return {
    keyHeaders: promises.flatMap(({ promise }) => keyHeaders(promise.auth)),
    against(name, value) {
      for (const { id, promise } of promises) {
        const own = promise.headers?.[name.toLowerCase()]
        if (own === undefined || own === value) continue
        const fitting = [...specs.profiles.values()]
          .filter((one) => one.dialects[id]?.headers?.[name.toLowerCase()] === value)
          .map((one) => one.id)
        const keys = own === promise.version ? '{version,headers}' : 'headers'
        const ways = [
          ...(fitting.length === 0 ? [] : [`--profile ${fitting.join(' or ')} has that value`]),
          `a profile file of your own (extends: ${profile.id}) can have any, in dialects.${id}.${keys}`,
        ]
        return `profile ${profile.id} gives it to ${id} (${own}), and all that it promises is promised for that; ${ways.join('; ')}`
      }
      return undefined
    },
  }
}

/**
 * Throws UsageError where a header would stand in the record with a key in it: the user's, if it is no secret, or one
 * that the profile gives. `names`: variables of the keys, where they were named.
 */
export function assertNoKey(
  { headers, secrets }: UserHeaders,
  profile: Pick<Profile, 'id' | 'dialects'>,
  { keys, names }: Record<'keys' | 'names', Partial<Record<KeyRole, string>>>,
  origin: (name: string) => string,
): void {
  for (const role of KEY_ROLES) {
    const key = keys[role]
    if (key === undefined) continue
    const told = `holds the ${role} key and would stand in the record`
    const open = headers.find(([, value]) => !isSecret(value, secrets) && holds(value, key))
    if (open !== undefined) {
      const [name] = open
      throw new UsageError(
        `${origin(name)}header ${name}: its value ${told}; give the variable: ${name}:$${names[role] ?? defaultKeyName(role)}`,
      )
    }
    for (const [id, promise] of Object.entries(profile.dialects)) {
      for (const [name, value] of Object.entries(promise.headers ?? {})) {
        if (holds(value, key))
          throw new UsageError(`profile ${profile.id}: dialects.${id}.headers.${name} ${told}; take it out`)
      }
    }
  }
}

/** The headers as the run line tells them: null for a value that is a secret, or holds one. */
export function recordedHeaders({ headers, secrets }: UserHeaders): [name: string, value: string | null][] {
  return headers.map(([name, value]) => [name, isSecret(value, secrets) ? null : value])
}
