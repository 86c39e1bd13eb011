import type { Json, JsonObject, RunLine, VerdictLine } from './record/types.ts'

/** A dialect under test, as the run line tells of it. */
export interface DialectUnderTest {
  id: string
  /** Version of its API, where it has versions. */
  version?: string
  /** Base URL, without a slash at the end. */
  url: string
  /** Path of its endpoint below the base URL; '' where the profile does not tell. */
  path: string
  /** Headers in which it takes a key. The first is the one in which the key is sent. */
  keyForms: KeyForm[]
}

/** A header for the key, lower case, and the word before it. */
export interface KeyForm {
  header: string
  scheme?: string
}

/** The dialects of a run, in their order. The record may be of an older assay: what is missing gets its default. */
export function dialectsOf({ target, profile }: RunLine): DialectUnderTest[] {
  return target.dialects.map((id) => {
    const promise = object(object(profile.dialects)?.[id])
    const auth = object(promise?.auth)
    const forms = [auth, ...(Array.isArray(auth?.also) ? auth.also.map(object) : [])]
    const known = forms.flatMap((form): KeyForm[] => {
      if (typeof form?.header !== 'string') return []
      const scheme = typeof form.scheme === 'string' ? { scheme: form.scheme } : {}
      return [{ header: form.header.toLowerCase(), ...scheme }]
    })
    const keyForms = known.length > 0 ? known : [{ header: 'authorization', scheme: 'Bearer' }]
    const { version, path } = promise ?? {}
    return {
      id,
      ...(typeof version === 'string' ? { version } : {}),
      url: target.urls?.[id] ?? target.url,
      path: typeof path === 'string' ? path : '',
      keyForms,
    }
  })
}

/** `anthropic-messages 2023-06-01`: a dialect and the version that is under test. */
export function dialectText(id: string, version: string | undefined): string {
  return version === undefined ? id : `${id} ${version}`
}

/** `openai-chat` of `openai-chat/stream/usage-chunk`. */
export function dialectOf({ id }: Pick<VerdictLine, 'id'>): string {
  return id.split('/')[0] ?? ''
}

/** A JSON object, or undefined for any other value. */
export function object(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}
