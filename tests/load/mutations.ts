import type { Seeded } from './seeded.ts'
import type { NamedStream, PlainEvent } from './streams.ts'

/** Events of a mutated stream at most: long ones teach no more than short ones. */
const MOST = 40

/** What a JSON token may turn into, right and wrong. */
const LITERALS = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1',
  '1.0',
  '1e0',
  '2',
  '3',
  '-1',
  '0.5',
  '1e400',
  '9007199254740991',
  '9007199254740992',
  '12345678901234567890',
  '01',
  '""',
  '"a"',
  '"\\u0061"',
  '"\\ud800"',
  '"\\ud801"',
  '"\\ud83d\\ude00"',
  '"😀"',
  '"\\u0000"',
  '"stop"',
  '"length"',
  '"max_tokens"',
  '"{}"',
  '"message_start"',
  '"content_block_start"',
  '"message_stop"',
  '"text"',
  '"thinking"',
  '"tool_use"',
  '"text_delta"',
  '"input_json_delta"',
  '"thinking_delta"',
  '"signature_delta"',
  '[]',
  '[null]',
  '[[]]',
  '{}',
  '{"index":0}',
  '[{"index":1,"delta":{"content":"x"}}]',
  `${'['.repeat(255)}${']'.repeat(255)}`,
  `${'['.repeat(256)}${']'.repeat(256)}`,
  '"\\x"',
  '"\t"',
]

const KEYS = [
  'id',
  'model',
  'created',
  'choices',
  'index',
  'delta',
  'role',
  'content',
  'finish_reason',
  'tool_calls',
  'usage',
  'error',
  'object',
  'moderation',
  'type',
  'content_block',
  'stop_reason',
  'partial_json',
  'output_tokens',
  'message',
  'function',
  'name',
  'in\\u0064ex',
  'typ\\u0065',
  '__proto__',
]

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/g
const DONE = [
  '[DONE]',
  '[DONE] ',
  ' [DONE]',
  '"[DONE]"',
  '[done]',
  'null',
  '',
  '1',
  '{"error":{"message":"x"}}',
]
const TYPES = ['message', 'error', 'ping', 'message_start', 'content_block_delta', 'message_stop', 'x']

/** A stream with one to four deviations, of `streams` of one dialect. */
export function mutated(random: Seeded, streams: readonly NamedStream[]): NamedStream {
  const { name, events, ended } = random.of(streams)
  const list = events.slice(0, MOST)
  for (let left = 1 + random.below(4); left > 0; left--) mutate(random, list, streams)
  return { name: `mutated: ${name}`, events: list, ended: random.below(5) === 0 ? 'cut' : ended }
}

function mutate(random: Seeded, list: PlainEvent[], streams: readonly NamedStream[]): void {
  const at = random.below(list.length + 1)
  const event = list[at]
  const way = random.below(12)
  if (event === undefined || way === 0) {
    const other = random.of(streams).events
    const foreign = other.length > 0 && random.below(2) === 0
    list.splice(at, 0, foreign ? random.of(other) : { type: random.of(TYPES), data: random.of(DONE) })
  } else if (way === 1) list.splice(at, 1)
  else if (way === 2) list.splice(random.below(list.length), 0, event)
  else if (way === 3) list.splice(random.below(list.length), 0, ...list.splice(at, 1))
  else if (way === 4) list[at] = { ...event, type: random.of(TYPES) }
  else list[at] = { ...event, data: otherText(random, event.data) }
}

function otherText(random: Seeded, data: string): string {
  const way = random.below(8)
  if (way === 0) return data.slice(0, random.below(data.length + 1))
  if (way === 1) return ` \n\t${data.replaceAll(',', ' , ')}\r\n`
  if (way <= 3) {
    const member = `"${random.of(KEYS)}":${random.of(LITERALS)}`
    const braces = [...data.matchAll(/[{}]/g)]
    const brace = braces[random.below(braces.length)]
    if (brace === undefined) return data
    const text = brace[0] === '{' ? `{${member},` : `,${member}}`
    return data.slice(0, brace.index) + text + data.slice(brace.index + 1)
  }
  const tokens = [...data.matchAll(TOKEN)]
  const token = tokens[random.below(tokens.length)]
  if (token === undefined) return data
  const { index } = token
  const isKey = /^\s*:/.test(data.slice(index + token[0].length))
  const text = isKey && random.below(4) > 0 ? `"${random.of(KEYS)}"` : random.of(LITERALS)
  return data.slice(0, index) + text + data.slice(index + token[0].length)
}
