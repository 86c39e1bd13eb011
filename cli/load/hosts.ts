import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { nearest } from '../../specs/nearest.ts'
import { UsageError } from '../usage.ts'

export type Lookup = (host: string) => Promise<string[]>

const lookupAll: Lookup = async (host) => {
  const found = await systemLookup(host, { all: true })
  return found.map(({ address }) => address)
}

/** The host of a URL as `--i-may-load` names it: without port and brackets, in small letters. */
export function hostOf(url: string): string {
  return new URL(url).hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase()
}

/** The hosts that the user may load. Throws UsageError for what is no single host. */
export function allowedHosts(given: readonly string[]): Set<string> {
  return new Set(
    given.map((text) => {
      const host = text
        .trim()
        .replace(/^\[|\]$/g, '')
        .replace(/\.$/, '')
        .toLowerCase()
      if (isIP(host) !== 0 || /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?$/.test(host)) return host
      throw new UsageError(
        `--i-may-load ${text}: it takes the name of one host, as it stands in the URL, without scheme, port, path or wildcard`,
      )
    }),
  )
}

/**
 * Throws UsageError unless the user said that this host may be loaded, or it is this machine. A name is this machine only
 * where every address that it has is a loopback address.
 */
export async function assertMayLoad(
  url: string,
  given: readonly string[],
  lookup: Lookup = lookupAll,
): Promise<void> {
  const allowed = allowedHosts(given)
  const host = hostOf(url)
  if (allowed.has(host)) return
  const flag = `if it is yours to load, say --i-may-load ${host}`
  const near = nearest(host, allowed)
  const hint = near === undefined ? '' : ` (--i-may-load ${near} was given: is one of them misspelt?)`
  if (isIP(host) !== 0) {
    if (isLoopback(host)) return
    throw new UsageError(`${host} is not this machine; ${flag}${hint}`)
  }
  let addresses: string[]
  try {
    addresses = await lookup(host)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    throw new UsageError(
      `${host} could not be looked up (${code}), so it is not known to be this machine: is it spelled right? Else, ${flag}${hint}`,
    )
  }
  const other = addresses.find((address) => !isLoopback(address))
  if (other === undefined && addresses.length > 0) return
  throw new UsageError(
    `${host}${other === undefined ? '' : ` (${other})`} is not this machine; ${flag}${hint}`,
  )
}

/** 127.0.0.0/8, ::1, and the former written as IPv6. */
export function isLoopback(address: string): boolean {
  const plain = address.toLowerCase().replace(/%.*$/, '')
  if (isIP(plain) === 4) return plain.startsWith('127.')
  if (isIP(plain) !== 6) return false
  // The URL parser writes every form of an IPv6 address in one way.
  const normal = new URL(`http://[${plain}]/`).hostname.slice(1, -1)
  return normal === '::1' || /^::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}$/.test(normal)
}
