import { UsageError } from './usage.ts'

/**
 * A base URL that can be checked: http(s), nothing in it but scheme, host, port and path; no slash at the end.
 * `name`: where it was given, for messages.
 */
export function baseUrl(text: string, name = '--url'): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    const shown = text.replace(/\/\/.*@/, '//…@')
    throw new UsageError(`${name}: ${shown} is not a URL; it must be like https://host/v1`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UsageError(`${name}: ${url.protocol}// cannot be checked, only http:// and https://`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      `${name}: credentials in the URL are refused; name the variable of the key (--key-env)`,
    )
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UsageError(`${name}: it is a base URL, without ? and #`)
  }
  return url.origin + url.pathname.replace(/\/+$/, '')
}

const ADVICE: Record<string, string> = {
  ECONNREFUSED: 'Nothing listens there: is the gateway running, and is the port right?',
  ENOTFOUND: 'The name is not known: is the host spelled right?',
  EAI_AGAIN: 'The name could not be looked up: does this machine have a network and a resolver?',
  ETIMEDOUT: 'Nobody answered: is a firewall or a proxy in between?',
  EHOSTUNREACH: 'No route leads there: is a VPN needed?',
  ENETUNREACH: 'No route leads there: does this machine have a network?',
  ECONNRESET: 'The connection was dropped at once: does the port speak the scheme of the URL?',
  EPROTO: 'The other side does not speak TLS: should the URL begin with http://?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'The other side does not speak TLS: should the URL begin with http://?',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name: is the host spelled right?',
}

/** One sentence for a target that cannot be reached: host, port, reason, what to try. */
export function unreachableSentence(base: string, code: string, detail: string): string {
  const url = new URL(base)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const certificate = /SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|CERT_UNTRUSTED/.test(code)
    ? 'Its certificate is not trusted: name its authority in the config (tls: { ca: FILE }).'
    : undefined
  const advice = ADVICE[code] ?? certificate ?? 'Is --url right?'
  return `cannot reach ${url.hostname} port ${port}: ${code} (${detail}). ${advice}`
}
