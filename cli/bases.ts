import type { RunLine } from '../reports/record/types.ts'
import type { Profile } from '../specs/types.ts'
import type { Origin } from './origin.ts'
import { baseUrl } from './target.ts'
import { assertKnown } from './unknown.ts'
import { UsageError } from './usage.ts'

/** The base URL of each dialect under test, without a slash at the end. All have one origin. */
export type Bases = Readonly<Record<string, string>>

export interface Addresses {
  /** One address for all dialects: each gets its own from it. */
  url?: string
  /** By dialect; each goes before what `url` would give. */
  urls?: Readonly<Record<string, string>>
}

/**
 * Where each dialect is asked; undefined where no address was given. From one URL the others follow by the paths of the
 * profile: `https://host/plan/v3` is `https://host/plan/anthropic` for a dialect that the profile has there.
 */
export function basesOf(
  { url, urls = {} }: Addresses,
  dialects: readonly string[],
  profile: Profile,
  origin: Origin = () => '',
): Bases | undefined {
  const promised = Object.keys(profile.dialects)
  assertKnown('dialect', Object.keys(urls), promised, (id) => origin('urls', id))
  if (url === undefined && Object.keys(urls).length === 0) return undefined
  const whole = url === undefined ? undefined : address(url, 'url', origin('url'), profile)
  const given = Object.fromEntries(
    Object.entries(urls).map(([id, text]) => [id, address(text, `urls.${id}`, origin('urls', id), profile)]),
  )
  const open = dialects.filter((id) => given[id] === undefined)
  if (whole === undefined && open.length > 0) {
    throw new UsageError(`${origin('urls')}urls has no address for ${open.join(', ')}`)
  }
  const derived = whole === undefined ? {} : derive(whole, open, profile, origin)
  const bases = Object.fromEntries(dialects.map((id) => [id, given[id] ?? derived[id] ?? '']))
  assertOneOrigin(bases, whole, given, origin)
  return bases
}

/** As the run line tells them. `dialects`: those under test, in their order. */
export function addresses(
  bases: Bases,
  dialects: readonly string[],
): { url: string; urls: Record<string, string> } {
  const urls = Object.fromEntries(
    dialects.flatMap((id) => (bases[id] === undefined ? [] : [[id, bases[id]]])),
  )
  return { url: Object.values(urls)[0] ?? '', urls }
}

/** The same out of a run line. */
export function recordedBases({ url, urls, dialects }: RunLine['target']): Bases {
  return Object.fromEntries(dialects.map((id) => [id, urls?.[id] ?? url]))
}

/** Scheme, host and port that all of them share. */
export function originOf(bases: Bases): string {
  const [first] = Object.values(bases)
  if (first === undefined) throw new Error('a run without an address')
  return new URL(first).origin
}

function derive(url: string, open: readonly string[], profile: Profile, origin: Origin): Bases {
  const paths = new Map(Object.keys(profile.dialects).map((id) => [id, pathOf(profile, id)]))
  const [longest] = [...paths.values()]
    .filter((path) => path !== '' && url.endsWith(path))
    .sort((a, b) => b.length - a.length)
  if (longest === undefined && open.length < 2) return Object.fromEntries(open.map((id) => [id, url]))
  if (longest === undefined && ![...paths.values()].includes('')) {
    const shown = [...new Set(paths.values())].join(' or ')
    throw new UsageError(
      `${origin('url')}${url} does not tell where ${open.join(' and ')} are: it does not end in ${shown}; ` +
        'give an address for each (urls: { DIALECT: URL } in --config)',
    )
  }
  const root = longest === undefined ? url : url.slice(0, -longest.length)
  return Object.fromEntries(open.map((id) => [id, root + paths.get(id)]))
}

/** Path of the first base URL that the profile gives for a dialect; '' where it has none. */
function pathOf(profile: Profile, dialect: string): string {
  const [first] = profile.dialects[dialect]?.base_urls ?? []
  return first === undefined ? '' : new URL(first.url).pathname.replace(/\/+$/, '')
}

/** A base URL; one that is the address of an endpoint would have its path twice. */
function address(text: string, key: string, where: string, profile: Profile): string {
  const name = where === '' ? `--${key}` : `${where}${key}`
  const base = baseUrl(text, name)
  const { pathname } = new URL(base)
  for (const [id, { path }] of Object.entries(profile.dialects)) {
    if (!pathname.endsWith(path)) continue
    throw new UsageError(
      `${name}: ${base} is the endpoint of ${id}, not its base URL; leave ${path} off: ${base.slice(0, -path.length)}`,
    )
  }
  return base
}

/** A key goes to its own origin only, so one run has one. */
function assertOneOrigin(bases: Bases, whole: string | undefined, given: Bases, origin: Origin): void {
  const first = whole ?? Object.values(bases)[0]
  if (first === undefined) return
  const home = new URL(first).origin
  for (const [id, base] of Object.entries({ ...bases, ...given })) {
    const other = new URL(base).origin
    if (other === home) continue
    throw new UsageError(
      `${origin('urls', id)}urls.${id}: ${other} is another origin than ${home}; a key goes to one origin only, so check them in two runs`,
    )
  }
}
