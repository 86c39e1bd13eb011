import { dialectsOf } from '../dialects.ts'
import type { Exchange, Finding, Json, RunLine, VerdictLine } from '../record/types.ts'

/** The way to the value that matters; `*` is any item. */
export type Way = readonly string[]

/** A body that is longer is not taken apart. */
const PARSED = 1024 * 1024
/** Characters: a body that is shown as it is; of one text; of the text that matters. */
const SHORT = 240
/** How deep what does not matter is told: as deep as fits into a few lines. */
const DEPTHS = [4, 2, 1]
const TEXT = 40
const TEXT_AT_ISSUE = 200
const ITEMS = 3
const ITEMS_AT_ISSUE = 20

/** Where in the request body the point of a verdict is, as far as the record says. */
export function wayOf(line: VerdictLine, finding: Finding | undefined): Way {
  if (finding?.at.part === 'request' && finding.at.pointer) {
    const tokens = finding.at.pointer.split('/').slice(1)
    return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  const path = line.field?.path ?? ''
  return path === '' ? [] : path.replaceAll('[]', '.*').split('.')
}

/** What was sent, in a line or three: method, path, how the key went where not as usual, the body around what matters. */
export function askedText(exchange: Exchange, run: RunLine, way: Way): string {
  const body = bodyText(exchange, way)
  return `${exchange.request.method} ${pathOf(exchange)}${keyText(exchange, run)}${body === '' ? '' : ` ${body}`}`
}

/** Path and query of the URL; all of it where it cannot be told. */
export function pathOf({ request: { url } }: Exchange): string {
  const path = /^[a-z]+:\/\/[^/]*(\/.*)?$/i.exec(url)?.[1] ?? url
  return cut(path, 120)
}

/** Nothing where the key went in the header that the profile names first, and only there. */
function keyText({ dialect, request }: Exchange, run: RunLine): string {
  const usual = dialectsOf(run)
    .find(({ id }) => id === dialect)
    ?.keyForms.map(({ header }) => header) ?? ['authorization']
  const sent = new Set(request.headers.map(([name]) => name.toLowerCase()))
  const used = [...new Set(usual)].filter((name) => sent.has(name))
  if (used.length === 0) return ' (without a key)'
  return used.length === 1 && used[0] === usual[0] ? '' : ` (key in ${used.join(' and ')})`
}

function bodyText({ request }: Exchange, way: Way): string {
  const { body, bodyBase64, bodyRepeat } = request
  if (bodyRepeat !== undefined) {
    const { head, unit, times, tail } = bodyRepeat
    return `${cut(head, SHORT / 2)} … then ${cut(unit, TEXT)} ${times.toLocaleString('en-US')} times … ${cut(tail, SHORT / 2)}`
  }
  if (bodyBase64 !== undefined) {
    return `a body of ${Buffer.from(bodyBase64, 'base64').length} bytes that are no UTF-8`
  }
  if (body === undefined || body.length <= SHORT) return body ?? ''
  if (body.length > PARSED) return cut(body, SHORT)
  try {
    const value = JSON.parse(body) as Json
    const texts = DEPTHS.map((deepest) => told(value, way, 0, deepest))
    return texts.find((one) => one.length <= SHORT) ?? texts.at(-1) ?? ''
  } catch {
    // No JSON, or nested deeper than can be told.
    return cut(body, SHORT)
  }
}

/** JSON with what is long elided, but for what lies on the way. `way` undefined: beside it. */
function told(value: Json, way: Way | undefined, depth: number, deepest: number): string {
  const atIssue = way !== undefined && depth > 0
  if (typeof value === 'string') return text(value, atIssue ? TEXT_AT_ISSUE : TEXT)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const ended = atIssue && way.length === 0
  if (!atIssue && depth > 0 && JSON.stringify(value).length <= TEXT) return JSON.stringify(value)
  if (ended && JSON.stringify(value).length <= TEXT_AT_ISSUE) return JSON.stringify(value)
  const inside = (key: string): Way | undefined => {
    if (way === undefined || way.length === 0) return undefined
    return way[0] === '*' || way[0] === key ? way.slice(1) : undefined
  }
  const inner = Object.keys(value).length
  if (depth >= deepest && !atIssue) return Array.isArray(value) ? `[… ${inner}]` : '{…}'
  if (Array.isArray(value)) {
    const shown = (item: Json, i: number) => told(item, inside(String(i)), depth + 1, deepest)
    return `[${some(value, shown, atIssue ? ITEMS_AT_ISSUE : ITEMS)}]`
  }
  const members = Object.entries(value)
  const shown = ([key, member]: [string, Json]) =>
    `${text(key, TEXT)}:${told(member, inside(key), depth + 1, deepest)}`
  return `{${some(members, shown, depth === 0 || atIssue ? ITEMS_AT_ISSUE * 2 : ITEMS * 2)}}`
}

function some<T>(all: T[], shown: (one: T, i: number) => string, most: number): string {
  const text = all.slice(0, most).map(shown).join(',')
  return all.length <= most ? text : `${text},… ${(all.length - most).toLocaleString('en-US')} more`
}

function text(value: string, most: number): string {
  const quoted = JSON.stringify(value)
  if (quoted.length <= most + 20) return quoted
  return `${JSON.stringify(value.slice(0, most)).slice(0, -1)}…" (${value.length.toLocaleString('en-US')} characters)`
}

function cut(value: string, most: number): string {
  return value.length <= most
    ? value
    : `${value.slice(0, most)}… (${value.length.toLocaleString('en-US')} characters)`
}
