/** Request bodies of a dialect, from the templates of `bodies.json`. Pure. */
import type { Json } from '../../order.ts'
import type { OwnPrompt } from './jsonl.ts'

type Fields = { [key: string]: Json }

/** `bodies.json`. Strings that are exactly `$name` are replaced by the value, keys too. */
export interface Bodies {
  /** What the fixed words, the nonce and the message's frame cost at most, in tokens. */
  overhead_tokens: number
  /** What declared tools cost at most, in tokens. */
  tools_tokens: number
  /** Before the generator's words. */
  begin: string
  /** Before a prompt of the user. */
  begin_own: string
  dialects: Record<string, Template>
}

interface Template {
  body: Fields
  message: Fields
  /** Added to a request for a stream. */
  stream: Fields
  /** Added to a request with tools. */
  tools: Fields
}

export interface Wanted {
  model: string
  nonce: string
  stream: boolean
  tools: boolean
  limit_field: string
  max_tokens: number
  /** The generator's words, or one of the user's prompts. */
  text: string | OwnPrompt
  /** Fields that go into every body, over those of the template. */
  extra?: Fields
}

/** Throws for a dialect without a template. */
export function bodyOf(bodies: Bodies, dialect: string, wanted: Wanted): Fields {
  const template = bodies.dialects[dialect]
  if (template === undefined) {
    const known = Object.keys(bodies.dialects).join(', ')
    throw new Error(`no request body is known for the dialect ${dialect}; known: ${known}`)
  }
  const { text } = wanted
  const own = typeof text !== 'string'
  const begin = (own ? bodies.begin_own : bodies.begin)
    .replace('$nonce', wanted.nonce)
    .replace('$words', String(wanted.max_tokens))
  const messages =
    own && text.messages !== undefined
      ? begun(text.messages, begin)
      : [fill(template.message, { $prompt: begin + (own ? text.prompt : text) })]
  const values = {
    $model: wanted.model,
    $limit_field: wanted.limit_field,
    $max_tokens: wanted.max_tokens,
    $messages: messages,
  }
  return {
    ...(fill(template.body, values) as Fields),
    ...(wanted.stream ? template.stream : {}),
    ...(wanted.tools ? template.tools : {}),
    ...(own ? text.fields : {}),
    ...wanted.extra,
  }
}

/**
 * How many tokens an answer to such a body may have, over all its choices: fields of the user's may bound it otherwise than
 * `ours` does, and ask for several.
 */
export function boundOf(fields: Readonly<Fields>, limit_field: string, ours: number): number {
  const limits = [fields[limit_field], fields.max_tokens, fields.max_completion_tokens].filter(
    (value) => typeof value === 'number' && value > 0,
  ) as number[]
  const most = limits.length > 0 ? Math.max(...limits) : ours
  const choices = typeof fields.n === 'number' && fields.n > 1 ? fields.n : 1
  return Math.ceil(most * choices)
}

/** The user's messages with the words before the text of the last one from the user. */
function begun(messages: Fields[], begin: string): Fields[] {
  const last = messages.findLastIndex((message) => message.role === 'user')
  return messages.map((message, i) => {
    if (i !== last) return message
    const { content } = message
    if (typeof content === 'string') return { ...message, content: begin + content }
    return {
      ...message,
      content: [{ type: 'text', text: begin }, ...(Array.isArray(content) ? content : [])],
    }
  })
}

function fill(template: Json, values: Fields): Json {
  if (typeof template === 'string') return values[template] ?? template
  if (Array.isArray(template)) return template.map((item) => fill(item, values))
  if (template === null || typeof template !== 'object') return template
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) => [String(values[key] ?? key), fill(value, values)]),
  )
}
