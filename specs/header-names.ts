const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const CREDENTIAL =
  /^(?:proxy-)?authorization$|(?:^|-)auth(?:-|$)|(?:^|[-_])key(?:-id)?$|api-?key|token|secret|passw|credential|signature|jwt|^(?:set-)?cookie$/i
/** Keys that open nothing. */
const PLAIN = /^(?:idempotency|cache|x-idempotency|x-cache|x-partition|x-routing)-key$/i
const OURS =
  /^(?:host|connection|content-length|transfer-encoding|content-type|accept|accept-encoding|user-agent|te|upgrade|expect)$/i

export function isHeaderName(name: string): boolean {
  return TOKEN.test(name)
}

/** Whether a header of this name carries something that must never be written down. */
export function isCredentialName(name: string): boolean {
  return CREDENTIAL.test(name) && !PLAIN.test(name)
}

/** Whether assay or HTTP itself sets the header: a second one would make every exchange ambiguous. */
export function isOurs(name: string): boolean {
  return OURS.test(name)
}
