import type { HeaderPair } from '../../../../reports/record/types.ts'
import type { Problems } from './problems.ts'

const LF = 10
const CR = 13
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const STATUS_LINE = /^HTTP\/(\d\.\d) (\d{3})(?:( )(.*))?$/
/** As printed by curl, also for HTTP/2 and 3. */
const PRINTED_STATUS_LINE = /^HTTP\/(\d(?:\.\d)?) +(\d{3})(?:( )(.*))?$/

export interface Head {
  version: string
  status: number
  reason: string
  headers: HeaderPair[]
  /** Offset past the blank line, or where the bytes ended. */
  next: number
  /** Whether the blank line came. */
  whole: boolean
}

export interface Line {
  text: string
  /** Past the line end. */
  next: number
}

/** The line at `from` as ISO 8859-1 without its end, or undefined where its end has not come. */
export function readLine(bytes: Buffer, from: number, problems?: Problems): Line | undefined {
  const lf = bytes.indexOf(LF, from)
  if (lf === -1) return undefined
  const bare = lf === from || bytes[lf - 1] !== CR
  if (bare) problems?.add('http/bare-lf', lf, 'a line ends with LF alone, not with CRLF')
  return { text: bytes.toString('latin1', from, bare ? lf : lf - 1), next: lf + 1 }
}

/** Status line and header fields at `from`; undefined where there is no status line. `printed`: by curl, not the wire. */
export function readHead(
  bytes: Buffer,
  from: number,
  printed: boolean,
  problems: Problems,
): Head | undefined {
  const line = readLine(bytes, from, printed ? undefined : problems)
  if (!line) return undefined
  const match = (printed ? PRINTED_STATUS_LINE : STATUS_LINE).exec(line.text)
  if (!match) {
    problems.add('http/bad-status-line', from, `${quote(line.text)} is no status line`)
    return undefined
  }
  const [, version = '', code = '', space, reason = ''] = match
  const status = Number(code)
  if (status < 100 || status > 599) problems.add('http/bad-status-line', from + 9, `${code} is no status`)
  if (space === undefined && !printed) {
    problems.add('http/no-space-after-status', from, 'the space after the status is missing')
  }
  if (CONTROL.test(reason))
    problems.add('http/control-in-header', from, 'the reason holds a control character')
  return { version, status, reason, ...readFields(bytes, line.next, printed, problems) }
}

/** Header or trailer fields at `from` up to and with the blank line. */
export function readFields(
  bytes: Buffer,
  from: number,
  printed: boolean,
  problems: Problems,
): Pick<Head, 'headers' | 'next' | 'whole'> {
  const headers: HeaderPair[] = []
  let pos = from
  while (true) {
    const line = readLine(bytes, pos, printed ? undefined : problems)
    if (!line) return { headers, next: bytes.length, whole: false }
    if (line.text === '') return { headers, next: line.next, whole: true }
    readField(line.text, pos, headers, problems)
    pos = line.next
  }
}

function readField(text: string, offset: number, headers: HeaderPair[], problems: Problems): void {
  if (CONTROL.test(text))
    problems.add('http/control-in-header', offset, `${quote(text)} holds a control character`)
  if (text.startsWith(' ') || text.startsWith('\t')) {
    problems.add('http/obs-fold', offset, 'a header line starts with white space (obsolete line folding)')
    const last = headers.at(-1)
    if (last) last[1] = `${last[1]} ${trim(text)}`
    return
  }
  const colon = text.indexOf(':')
  const name = colon === -1 ? '' : text.slice(0, colon)
  if (!TOKEN.test(name)) problems.add('http/bad-header', offset, `${quote(text)} is no header field`)
  // A name with white space around it is a fault, but the field must not be lost to those who judge it.
  const readable = trim(name)
  if (readable !== '') headers.push([readable, trim(text.slice(colon + 1))])
}

/** Without the spaces and tabs around it (HTTP's optional white space, no other). */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(c: number): boolean {
  return c === 32 || c === 9
}

export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
