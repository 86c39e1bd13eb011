import { STATUS_CODES } from 'node:http'
import type { EngineEnd } from '../../load/engine/start.ts'
import { safeText } from '../../reports/terminal/safe-text.ts'
import { unreachableSentence } from '../target.ts'
import type { Seen } from './tail.ts'

/** k6's own exit statuses that are an ordinary end. */
const ENDED = 0
const THRESHOLDS_MISSED = 99
const STOPPED_BY_SIGNAL = 105
const STOPPED_BY_SCENARIO = 108

/** Whether k6 came to an end of its own: its metrics' thresholds are judged by assay, and a scenario may end early. */
export function endedWell({ status }: EngineEnd, asked: boolean): boolean {
  if (status === ENDED || status === THRESHOLDS_MISSED || status === STOPPED_BY_SCENARIO) return true
  return asked && status === STOPPED_BY_SIGNAL
}

/** One sentence for an engine that died. */
export function diedSentence(
  { status, signal }: EngineEnd,
  { errors, requests, logFile }: { errors: readonly string[]; requests: number; logFile: string },
): string {
  const how = signal === null ? `ended with status ${status}` : `was ended by ${signal}`
  const likely =
    signal === 'SIGKILL'
      ? ' (the system does that when memory runs out; somebody else may have done it too)'
      : ''
  const said = errors.map((line) => `\n  ${safeText(line).slice(0, 300)}`).join('')
  const left = requests > 0 ? 'what it had recorded until then is judged' : 'it had measured nothing'
  return `the load engine ${how}${likely}; ${left}${said === '' ? '' : `. It said:${said}`}\n  all of it: ${logFile}`
}

/** Error classes of rows in the words that the system has for them. */
const CODES: Record<string, string> = {
  dns: 'ENOTFOUND',
  'connect-refused': 'ECONNREFUSED',
  'connect-timeout': 'ETIMEDOUT',
  tls: 'TLS',
}

/** Why a scenario ended the run before its time, for a person. `base`: what was asked. */
export function stopSentence(reason: string, url: string): string {
  const [kind = '', what = ''] = reason.split(' ')
  const rest = reason.slice(kind.length + what.length + 2)
  const word = what.replace(/:$/, '')
  if (kind === 'unreachable') return unreachableSentence(url, codeOf(word, rest), safeText(rest || word))
  if (kind === 'refused') {
    const status = Number(word)
    const name = STATUS_CODES[status]
    const advice = ADVICE[status] ?? 'Nothing but this came from the first request on.'
    const said = rest === '' ? '' : ` It said: ${safeText(rest).slice(0, 300)}`
    return `every request was refused with ${word}${name === undefined ? '' : ` (${name})`}, so the run was stopped early. ${advice}${said}`
  }
  if (kind === 'nonsense') {
    const answer =
      what === 'garbled'
        ? `no HTTP that can be read${rest === '' ? '' : ` (${safeText(rest).slice(0, 300)})`}`
        : what === 'untyped'
          ? 'without a content type, and not the protocol'
          : `${safeText(what).slice(0, 100)}, not the protocol`
    return `every answer is ${answer}, so the run was stopped early. Is the path of --url right, with its prefix? ${LOOK}`
  }
  // `caps` is the scenario's own word for its kind of reason.
  return `the run was stopped early: ${safeText(reason.replace(/^caps /, ''))}`
}

function codeOf(word: string, detail: string): string {
  if (word === 'tls' && /not TLS|first record does not look like|HTTP response to HTTPS/i.test(detail))
    return 'EPROTO'
  if (word === 'tls' && /unknown authority|not trusted|self.signed/i.test(detail)) return 'SELF_SIGNED_CERT'
  if (word === 'tls' && /expired/i.test(detail)) return 'CERT_HAS_EXPIRED'
  if (word === 'tls' && /not valid for|doesn.t match|valid for .*, not/i.test(detail))
    return 'ERR_TLS_CERT_ALTNAME_INVALID'
  return CODES[word] ?? word
}

/** For a run that went on to its end without one request that did. */
export function nothingSentence(
  { refusals, requests }: Pick<Seen, 'refusals' | 'requests'>,
  url: string,
): string {
  const kinds = [...refusals].sort(([, a], [, b]) => b - a)
  const told = kinds.map(([kind, times]) => `${kind} ${times === 1 ? 'once' : `${times} times`}`).join(', ')
  const { host } = new URL(url)
  const all = requests === 1 ? 'the one request to' : `none of ${requests} requests to`
  const end = requests === 1 ? 'did not come to its end' : 'came to its end'
  return `${all} ${host} ${end}: ${told}. ${adviceFor(kinds[0]?.[0] ?? '')}`
}

function adviceFor(kind: string): string {
  const status = Number(kind)
  if (status === 429) return 'Are the limits of this key used up, or is the load above them from the start?'
  if (status >= 500) return 'The gateway does not serve even this load: what does its own log say?'
  if (status > 0) return ADVICE[status] ?? LOOK
  if (kind === 'closed' || kind === 'reset')
    return 'It is there, but breaks connections off: should the URL begin with the other of http:// and https://, or does something in between cut them?'
  if (kind.endsWith('-timeout'))
    return 'It is there, but not within the deadlines (load: deadlines in the config).'
  return LOOK
}

const REDIRECT =
  'Redirects are not followed, since the key would go along: give the address that it points to, if it is yours, as --url.'
const LOOK = '`assay run` with the same target asks one by one and shows what comes back.'

const ADVICE: Record<number, string> = {
  301: REDIRECT,
  302: REDIRECT,
  303: REDIRECT,
  307: REDIRECT,
  308: REDIRECT,
  400: 'Does the profile fit this gateway, and does the model take these requests? (assay run tells)',
  401: 'Is the key right? (--key-env names its variable)',
  402: 'Has the account any balance left?',
  403: 'Is the key allowed to use this model?',
  404: 'Is the base URL right, with its path prefix, and does the model exist?',
}
