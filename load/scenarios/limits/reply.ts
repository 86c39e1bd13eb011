/** What a reply to a limits request says: usage, what kind of refusal, the rate limit headers. Pure. */
import type { LimitHeaders, Sample } from '../../infer/types.ts'

export interface Usage {
  prompt?: number
  completion?: number
}

type Fields = Record<string, unknown>

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined

/** Usage of a whole answer, or the last one in the records of a stream. `chunks`: records with some text. */
export function usageOf(body: string, stream: boolean): Usage & { chunks: number } {
  const records = stream
    ? body.split(/\r\n|\n|\r/).flatMap((line) => (/^data:/.test(line) ? [parsed(line.slice(5))] : []))
    : [parsed(body)]
  const found: Usage & { chunks: number } = { chunks: 0 }
  for (const record of records) {
    const fields = fieldsOf(record)
    // Messages tells the prompt in message_start, and the answer in message_delta.
    const usage = { ...fieldsOf(fieldsOf(fields.message).usage), ...fieldsOf(fields.usage) }
    const prompt = count(usage.prompt_tokens) ?? inputOf(usage)
    const completion = count(usage.completion_tokens) ?? count(usage.output_tokens)
    if (prompt !== undefined) found.prompt = prompt
    if (completion !== undefined) found.completion = completion
    if (says(fields)) found.chunks++
  }
  return found
}

/** Cached input is counted beside the rest. */
function inputOf(usage: Fields): number | undefined {
  const own = count(usage.input_tokens)
  if (own === undefined) return undefined
  return own + (count(usage.cache_creation_input_tokens) ?? 0) + (count(usage.cache_read_input_tokens) ?? 0)
}

function says(fields: Fields): boolean {
  const [choice] = Array.isArray(fields.choices) ? fields.choices : []
  const delta = { ...fieldsOf(fields.delta), ...fieldsOf(fieldsOf(choice).delta) }
  return [delta.content, delta.reasoning_content, delta.text, delta.thinking].some(
    (text) => typeof text === 'string' && text !== '',
  )
}

/** The error object of which dialect a refusal's body is. */
export function envelopeOf(body: string): NonNullable<Sample['envelope']> {
  if (body.trim() === '') return 'empty'
  const whole = parsed(body)
  if (whole === undefined) return 'not-json'
  const fields = fieldsOf(whole)
  const error = fieldsOf(fields.error)
  if (typeof error.message !== 'string' || typeof error.type !== 'string') return 'other'
  return fields.type === 'error' ? 'anthropic' : 'openai'
}

/** Header values by lower-case name. */
export type Headers = Record<string, string>

/** Seconds that Retry-After asks to wait: a number, or a date held against the server's own clock. */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  const ms = Number(headers['retry-after-ms'])
  if (headers['retry-after-ms'] !== undefined && Number.isFinite(ms) && ms >= 0) return ms / 1000
  const value = headers['retry-after']?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value)
  const date = Date.parse(value)
  if (Number.isNaN(date)) return undefined
  const clock = Date.parse(headers.date ?? '')
  return Math.max(0, (date - (Number.isNaN(clock) ? now : clock)) / 1000)
}

const NAMES = {
  requests: ['anthropic-ratelimit-requests-$', 'x-ratelimit-$-requests', 'x-ratelimit-$', 'ratelimit-$'],
  tokens: ['anthropic-ratelimit-tokens-$', 'x-ratelimit-$-tokens'],
}

/** The rate limit headers for this kind of limit, as the first family gives them that is there. */
export function limitsOf(
  headers: Headers,
  aim: 'requests' | 'tokens',
  now: number,
): LimitHeaders | undefined {
  for (const family of NAMES[aim]) {
    const value = (part: string) => headers[family.replace('$', part)]
    const figure = (part: string) => {
      // `ratelimit-limit: 10, 10;w=60` begins with the figure.
      const text = /^\s*(\d+(?:\.\d+)?)/.exec(value(part) ?? '')?.[1]
      return text === undefined ? undefined : Number(text)
    }
    const [limit, remaining] = [figure('limit'), figure('remaining')]
    if (limit === undefined && remaining === undefined) continue
    const reset = resetOf(value('reset'), now)
    return {
      ...(limit !== undefined && { limit }),
      ...(remaining !== undefined && { remaining }),
      ...(reset !== undefined && { reset_s: reset }),
    }
  }
  return undefined
}

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }

/** Seconds: `6m0s`, `250ms`, a number of seconds, a time of day in seconds since 1970, or a date. */
export function resetOf(text: string | undefined, now: number): number | undefined {
  const value = text?.trim()
  if (value === undefined || value === '') return undefined
  if (/^\d+(\.\d+)?$/.test(value)) {
    const figure = Number(value)
    return figure > 1e9 ? Math.max(0, figure - now / 1000) : figure
  }
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  if (parts.length > 0 && parts.map(([part]) => part).join('') === value)
    return parts.reduce((sum, [, figure, unit]) => sum + Number(figure) * (UNITS[unit ?? ''] ?? 0), 0)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000)
}
