/**
 * The forms in which a secret may stand in a text, and masking them there. No Buffer and no module of Node: the load
 * scenarios run this inside k6.
 */
import type { Leak } from './types.ts'

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

/** Shorter values stand by chance in any text: masking them would destroy the record. */
export const SHORTEST_SECRET = 8

export const MASK = '*'
/** A message quoted in a message quoted in a message: each quotation doubles the backslashes. */
const BACKSLASHES = '\\\\{1,8}'

interface Form {
  pattern: RegExp
  /** Base64 only: characters that share bits with the secret and its neighbours. */
  before: boolean
  after: boolean
}

export interface Compiled {
  role: Leak['role']
  forms: Form[]
}

const compiled = new Map<string, Form[]>()

/** The same text with every form of every secret masked at equal length, and where each stood. */
export function maskText(text: string, secrets: readonly Secret[]): { text: string; finds: Find[] } {
  const finds = search(text, compile(secrets))
  let masked = text
  for (const { offset, length } of finds) {
    masked = masked.slice(0, offset) + MASK.repeat(length) + masked.slice(offset + length)
  }
  return { text: masked, finds }
}

/** Every place where a form of a secret stands. */
export function search(text: string, known: Compiled[]): Find[] {
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

/** The patterns of the secrets; kept, for they are asked for again and again. */
export function compile(secrets: readonly Secret[]): Compiled[] {
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
  const bytes = utf8(value)
  const text = base64([...Array<number>(shift).fill(0), ...bytes])
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
  const bytes = utf8(character)
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

/** A lone surrogate is written as Buffer writes it: as U+FFFD. */
function utf8(text: string): number[] {
  const bytes: number[] = []
  for (const character of text) {
    const given = character.codePointAt(0) ?? 0
    const code = given >= 0xd800 && given <= 0xdfff ? 0xfffd : given
    const more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3
    const lead = [0, 0xc0, 0xe0, 0xf0][more] ?? 0
    bytes.push(lead | (code >> (6 * more)))
    for (let i = more - 1; i >= 0; i--) bytes.push(0x80 | ((code >> (6 * i)) & 0x3f))
  }
  return bytes
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function base64(bytes: readonly number[]): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] ?? 0, bytes[i + 1] ?? 0, bytes[i + 2] ?? 0]
    const group = (a << 16) | (b << 8) | c
    const digits = [18, 12, 6, 0].map((bits) => ALPHABET[(group >> bits) & 63] ?? '').join('')
    const there = bytes.length - i
    text += there >= 3 ? digits : there === 2 ? `${digits.slice(0, 3)}=` : `${digits.slice(0, 2)}==`
  }
  return text
}
