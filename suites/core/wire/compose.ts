import type { HeaderPair, KeyRole } from '../../../reports/record/types.ts'
import { keyHeaders } from '../../../specs/key-forms.ts'
import type { DialectPromise } from '../../../specs/types.ts'
import { bodyBytes, type Resolved } from '../resolve.ts'
import type { Prepared } from './prepare.ts'

/** What a request is made of beside its probe. */
export interface Composer {
  /** Base URL of each dialect, without a trailing slash. They share one origin: keys go there only. */
  bases: Readonly<Record<string, string>>
  promises: Record<string, DialectPromise>
  /** Keys by role. */
  keys: Partial<Record<KeyRole, string>>
  /** Added to every request, but for those in which its dialect has the key: they are ours alone. */
  headers: HeaderPair[]
  userAgent: string
  /** A credential that cannot be valid. */
  wrongKey: string
}

/** What stands for the key in the headers of a probe. Without a key there is no such header at all. */
const KEY = '$key'

/** The request of a probe: base URL of its dialect, default headers, the role's credential. */
export function compose(resolved: Resolved, by: Composer): Prepared {
  const { probe, digest } = resolved
  const promise = by.promises[probe.dialect]
  const base = by.bases[probe.dialect]
  if (promise === undefined || base === undefined) {
    throw new Error(
      `a probe of ${probe.dialect}, for which the lab has no ${promise ? 'address' : 'promise'}`,
    )
  }
  const body = bodyBytes(probe)
  const role = probe.keyRole ?? 'default'
  const key = role === 'none' ? undefined : role === 'wrong' ? by.wrongKey : by.keys[role]
  const headers: HeaderPair[] = [
    ['accept', 'application/json'],
    // Without it any coding would be right.
    ['accept-encoding', 'identity'],
    ['user-agent', by.userAgent],
  ]
  if (body !== undefined) headers.push(['content-type', 'application/json'])
  if (key !== undefined) {
    const { header, scheme } = promise.auth
    headers.push([header, scheme === undefined ? key : `${scheme} ${key}`])
  }
  const changed = Object.entries(probe.headers ?? {})
  const replaced = new Set(changed.map(([name]) => name.toLowerCase()))
  // A key that the user adds beside ours would answer for the one that a probe means to send, or not to send.
  const reserved = new Set(keyHeaders(promise.auth))
  const all: HeaderPair[] = [
    ...headers.filter(([name]) => !replaced.has(name.toLowerCase())),
    ...by.headers.filter(([name]) => !replaced.has(name.toLowerCase()) && !reserved.has(name.toLowerCase())),
    ...changed
      .filter((pair): pair is [string, string] => pair[1] !== null)
      .filter(([, value]) => key !== undefined || !value.includes(KEY))
      .map(([name, value]): HeaderPair => [name, value.replaceAll(KEY, () => key ?? '')]),
  ]
  const omitted =
    probe.wire === 'raw'
      ? changed.filter(([, value]) => value === null).map(([name]) => name.toLowerCase())
      : []
  const secrets = Object.entries(by.keys).map(([name, value]) => ({
    role: name as KeyRole,
    value,
  }))
  return {
    digest,
    dialect: probe.dialect,
    method: probe.method ?? 'POST',
    url: new URL(base + (probe.path ?? promise.path)),
    headers: all,
    ...(body === undefined ? {} : { body }),
    ...(probe.repeat === undefined ? {} : { bodyRepeat: probe.repeat }),
    ...(probe.wire === 'raw' ? { raw: true } : {}),
    ...(probe.deadline === undefined ? {} : { deadline: probe.deadline }),
    ...(probe.hangUpAfter === undefined ? {} : { hangUpAfter: probe.hangUpAfter }),
    ...(omitted.length > 0 ? { omit: omitted } : {}),
    secrets: [...secrets, { role: 'wrong', value: by.wrongKey }],
  }
}
