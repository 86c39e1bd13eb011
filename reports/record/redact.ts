import type { Leak, Read } from './types.ts'

/** A key that must never be written down, and whose it is. */
export interface Secret {
  role: Leak['role']
  value: string
}

/** Where a secret was found: offsets and lengths in units of the text that was searched. */
export interface Find {
  role: Leak['role']
  offset: number
  length: number
}

/** Visits the stretches of the joined reads that make one text (the data of the chunks), in order. */
export type Walk = (visit: (offset: number, length: number) => void) => void

/** Shorter values stand by chance in any text: masking them would destroy the record. */
export const SHORTEST_SECRET = 8

const MASK = '*'
const MASK_BYTE = MASK.charCodeAt(0)
/** A message quoted in a message quoted in a message: each quotation doubles the backslashes. */
const BACKSLASHES = '\\\\{1,8}'

interface Form {
  pattern: RegExp
  /** Base64 only: characters that share bits with the secret and its neighbours. */
  before: boolean
  after: boolean
}

interface Compiled {
  role: Leak['role']
  forms: Form[]
}

const compiled = new Map<string, Form[]>()

/** The same response with every form of every secret masked at equal length, and where each stood. */
export function maskBytes(
  reads: readonly Read[],
  secrets: readonly Secret[],
  walk?: Walk,
): { reads: Read[]; leaks: Leak[] } {
  const known = compile(secrets)
  const joined = Buffer.concat(reads.map((read) => read.bytes))
  const finds = search(joined.toString('latin1'), known)
  if (walk) finds.push(...searchStretches(joined, known, walk, finds))
  if (finds.length === 0) return { reads: [...reads], leaks: [] }
  finds.sort((a, b) => a.offset - b.offset || a.length - b.length)
  for (const find of finds) joined.fill(MASK_BYTE, find.offset, find.offset + find.length)
  let offset = 0
  const masked = reads.map((read) => {
    const bytes = new Uint8Array(joined.subarray(offset, offset + read.bytes.length))
    offset += read.bytes.length
    return { at: read.at, bytes }
  })
  return { reads: masked, leaks: finds.map((find) => ({ role: find.role, part: 'read', ...span(find) })) }
}

/** The same text with every form of every secret masked at equal length, and where each stood. */
export function maskText(text: string, secrets: readonly Secret[]): { text: string; finds: Find[] } {
  const finds = search(text, compile(secrets))
  let masked = text
  for (const { offset, length } of finds) {
    masked = masked.slice(0, offset) + MASK.repeat(length) + masked.slice(offset + length)
  }
  return { text: masked, finds }
}

function span(find: Find): { offset: number; length: number } {
  return { offset: find.offset, length: find.length }
}

function search(text: string, known: Compiled[]): Find[] {
  const finds: Find[] = []
  for (const { role, forms } of known) {
    for (const form of forms) {
      form.pattern.lastIndex = 0
      for (let match = form.pattern.exec(text); match; match = form.pattern.exec(text)) {
        let start = match.index
        let end = start + match[0].length
        // Occurrences may overlap: go on behind the first character, not behind the match.
        form.pattern.lastIndex = start + 1
        if (form.before && isBase64(text.charCodeAt(start - 1))) start--
        if (form.after && isBase64(text.charCodeAt(end))) end++
        finds.push({ role, offset: start, length: end - start })
      }
    }
  }
  return finds
}

/** What straddles the framing between chunks: found in the text of the data, told piece by piece as it stands. */
function searchStretches(joined: Buffer, known: Compiled[], walk: Walk, before: Find[]): Find[] {
  const text = Buffer.allocUnsafe(joined.length)
  let filled = 0
  walk((offset, length) => {
    filled += joined.copy(text, filled, offset, offset + length)
  })
  const found = search(text.toString('latin1', 0, filled), known)
  if (found.length === 0) return []
  const pieces: Find[] = []
  let place = 0
  walk((offset, length) => {
    for (const find of found) {
      const from = Math.max(find.offset, place)
      const to = Math.min(find.offset + find.length, place + length)
      if (from < to) pieces.push({ role: find.role, offset: offset + from - place, length: to - from })
    }
    place += length
  })
  const key = (find: Find) => `${find.role} ${find.offset} ${find.length}`
  const told = new Set(before.map(key))
  return pieces.filter((piece) => !told.has(key(piece)))
}

function compile(secrets: readonly Secret[]): Compiled[] {
  return secrets.map(({ role, value }) => {
    let forms = compiled.get(value)
    if (!forms) {
      if (value.length < SHORTEST_SECRET) {
        throw new RangeError(
          `the ${role} key is shorter than ${SHORTEST_SECRET} characters and cannot be masked`,
        )
      }
      forms = [plainForm(value), ...[0, 1, 2].map((shift) => base64Form(value, shift))]
      compiled.set(value, forms)
    }
    return { role, forms }
  })
}

/** The value as it stands, or with any of its characters percent-encoded or escaped as JSON may. */
function plainForm(value: string): Form {
  const pattern = [...value].map((character) => spellings(character)).join('')
  return { pattern: new RegExp(pattern, 'g'), before: false, after: false }
}

/**
 * The value as part of a longer base64 text, `shift` bytes past a group of three: the characters that it alone decides.
 * Those that it shares with a neighbour are masked too (`before`, `after`) but not asked for.
 */
function base64Form(value: string, shift: number): Form {
  const bytes = Buffer.from(value, 'utf8')
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
  const bits = 8 * (shift + bytes.length)
  const core = text.slice(Math.ceil((8 * shift) / 6), Math.floor(bits / 6))
  const pattern = [...core].map((character) => {
    if (character === '+') return `(?:${spellings('+')}|-)`
    if (character === '/') return `(?:${spellings('/')}|_)`
    return character
  })
  return { pattern: new RegExp(pattern.join(''), 'g'), before: shift > 0, after: bits % 6 !== 0 }
}

/** All the ways to write one character, as a pattern. They differ in their first unit: matching stays linear. */
function spellings(character: string): string {
  const bytes = [...Buffer.from(character, 'utf8')]
  const units = character.split('').map((unit) => unit.charCodeAt(0))
  const ways = new Set([
    bytes.map((byte) => literal(byte)).join(''),
    units.map((unit) => literal(unit)).join(''),
    bytes.map((byte) => `%${hex(byte, 2)}`).join(''),
    units.map((unit) => `${BACKSLASHES}u${hex(unit, 4)}`).join(''),
  ])
  if ('"\\/'.includes(character)) ways.add(`${BACKSLASHES}${literal(character.charCodeAt(0))}`)
  if (character === ' ') ways.add('\\+')
  return `(?:${[...ways].join('|')})`
}

function literal(unit: number): string {
  return /[A-Za-z0-9]/.test(String.fromCharCode(unit))
    ? String.fromCharCode(unit)
    : `\\u${unit.toString(16).padStart(4, '0')}`
}

function hex(value: number, digits: number): string {
  return value
    .toString(16)
    .padStart(digits, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)
}

function isBase64(unit: number): boolean {
  return /[A-Za-z0-9+/_-]/.test(String.fromCharCode(unit))
}
