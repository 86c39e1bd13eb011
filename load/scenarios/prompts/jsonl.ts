/** The user's own prompts: JSON Lines, one prompt a line. Pure. */
import type { Json } from '../../order.ts'

type Fields = { [key: string]: Json }

/**
 * One line: `{"prompt": "text"}` or `{"messages": [...]}` as the dialect has them, and beside it what the line
 * wants: `max_tokens`, `tokens` (length of the prompt, else estimated from its bytes), `fields` (put into the body as
 * they are: `system`, `temperature` …).
 */
export interface OwnPrompt {
  prompt: string
  messages?: Fields[]
  /** Length of the prompt in tokens: given, or one for every three bytes. */
  tokens: number
  max_tokens?: number
  fields?: Fields
}

const KNOWN = ['prompt', 'messages', 'tokens', 'max_tokens', 'fields']

/** Throws with `file:line: what is wrong` for the first line that is no prompt, and for a file without one. */
export function parsePrompts(text: string, file: string): OwnPrompt[] {
  const prompts = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .flatMap((line, i) => {
      if (line.trim() === '') return []
      const wrong = (what: string) => new Error(`${file}:${i + 1}: ${what}`)
      return [promptOf(parsed(line, wrong), wrong)]
    })
  if (prompts.length === 0) throw new Error(`${file}: there is no prompt in this file`)
  return prompts
}

type Wrong = (what: string) => Error

function parsed(line: string, wrong: Wrong): Fields {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw wrong('this is not JSON: each line is one JSON object')
  }
  if (!isFields(value)) throw wrong('this is not a JSON object')
  return value
}

function promptOf(line: Fields, wrong: Wrong): OwnPrompt {
  const unknown = Object.keys(line).find((key) => !KNOWN.includes(key))
  if (unknown !== undefined) throw wrong(`${unknown} is not known here; known: ${KNOWN.join(', ')}`)
  const { prompt, messages, fields } = line
  if ((prompt === undefined) === (messages === undefined)) {
    throw wrong('one of prompt and messages must be there, and only one')
  }
  if (prompt !== undefined && (typeof prompt !== 'string' || prompt === '')) {
    throw wrong('prompt must be a text that is not empty')
  }
  if (fields !== undefined && !isFields(fields)) throw wrong('fields must be an object')
  const max = count(line, 'max_tokens', wrong)
  return {
    prompt: typeof prompt === 'string' ? prompt : '',
    ...(messages === undefined ? {} : { messages: turns(messages, wrong) }),
    tokens: count(line, 'tokens', wrong) ?? Math.ceil(bytesOf(prompt ?? JSON.stringify(messages)) / 3),
    ...(max === undefined ? {} : { max_tokens: max }),
    ...(fields === undefined ? {} : { fields }),
  }
}

function turns(messages: Json, wrong: Wrong): Fields[] {
  if (!Array.isArray(messages) || !messages.every(isFields))
    throw wrong('messages must be an array of objects')
  const last = messages.findLast((message) => message.role === 'user')
  if (last === undefined) throw wrong('messages must have one with role user')
  if (typeof last.content !== 'string' && !Array.isArray(last.content)) {
    throw wrong('the last message from the user must have a content: a text or an array of parts')
  }
  return messages
}

function count(line: Fields, name: string, wrong: Wrong): number | undefined {
  const value = line[name]
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw wrong(`${name} must be a whole number from 1`)
  }
  return value
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Length in UTF-8. */
function bytesOf(value: Json): number {
  let bytes = 0
  for (const letter of String(value)) {
    const point = letter.codePointAt(0) ?? 0
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}
