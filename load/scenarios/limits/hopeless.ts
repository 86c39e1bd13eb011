/** When it is no use to go on asking. Pure. */
import type { Row } from './sender.ts'

export interface Stop {
  why: 'refused' | 'unreachable' | 'gone' | 'caps'
  message: string
}

/** So many equal answers in a row, before anything was let in, are the answer. */
const FIRST = 3
/** So many failures in a row, after something was let in, and for so long, say that it is gone. */
const LAST = 20
const GONE_MS = 20_000

/** k6's codes: 1100 to 1199 DNS, 1210 to 1219 TCP, 1300 to 1399 TLS. */
const KINDS: [from: number, to: number, kind: string][] = [
  [1100, 1199, 'the host name is not known'],
  [1200, 1299, 'no connection'],
  [1300, 1399, 'TLS'],
]

export class Hopeless {
  #admitted = false
  #row: { what: string; count: number; since: number } = { what: '', count: 0, since: 0 }

  /** Undefined: go on. */
  seen({ admitted, status, error, error_code: code = 0, body, endedAt }: Row): Stop | undefined {
    if (admitted) this.#admitted = true
    const failed = !admitted && status !== 429
    const what = failed ? String(status || code || error) : ''
    if (what === '' || what !== this.#row.what) this.#row = { what, count: 0, since: endedAt }
    if (!failed) return undefined
    this.#row.count++
    const { count, since } = this.#row
    if (!this.#admitted && count >= FIRST) {
      if (status > 0)
        return { why: 'refused', message: `status ${status}${body ? `: ${body.slice(0, 200)}` : ''}` }
      return { why: 'unreachable', message: told(code, error) }
    }
    if (this.#admitted && status === 0 && count >= LAST && endedAt - since > GONE_MS && connecting(code))
      return {
        why: 'gone',
        message: `no connection for ${Math.round((endedAt - since) / 1000)} s: ${told(code, error)}`,
      }
    return undefined
  }
}

const connecting = (code: number): boolean =>
  KINDS.some(([from, to]) => code >= from && code <= to && code !== 1220)

function told(code: number, error = ''): string {
  const kind = KINDS.find(([from, to]) => code >= from && code <= to)?.[2] ?? 'no answer'
  return error === '' ? kind : `${kind}: ${error}`
}
