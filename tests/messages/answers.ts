import type { Exchange, Json, JsonObject } from '../../reports/record/types.ts'
import { asArray, dig, isObject } from '../../suites/core/dig.ts'
import type { Answer } from './by-hand.ts'
import { eventsOf, message, refusal, reply, stream } from './exchange.ts'

/** What a right gateway with a simple model answers, by hand; each test changes one answer. */

let made = 0

/** A call with an id of its own. */
export function call(
  name = 'get_weather',
  input: Json = { city: 'Paris' },
  more: JsonObject = {},
): JsonObject {
  made += 1
  return { type: 'tool_use', id: `toolu_${made}`, name, input, ...more }
}

export const said = (text: string): JsonObject => ({ type: 'text', text })
export const thought = (signature = 'c2lnbmF0dXJl'): JsonObject => ({
  type: 'thinking',
  thinking: 'First this, then that.',
  signature,
})

export function called(content: Json[] = [call()], over: JsonObject = {}): JsonObject {
  return message({ content, stop_reason: 'tool_use', ...over })
}

/** The message as it was asked for: whole, or as a stream. */
export function sent(body: JsonObject, whole: JsonObject): Exchange {
  return body.stream === true ? stream(eventsOf(whole)) : reply(whole)
}

/** Whether the last turn answers calls. */
export function answersCalls(body: JsonObject): boolean {
  const content = dig(asArray(body.messages).at(-1), 'content')
  return asArray(content).some((block) => isObject(block) && block.type === 'tool_result')
}

const forced = (body: JsonObject): boolean => {
  const type = isObject(body.tool_choice) ? body.tool_choice.type : body.tool_choice
  return type !== 'none' && asArray(body.tools).length > 0
}

/** A right answer to the turns that call tools and answer calls. */
export const right: Answer = (body) => {
  if (answersCalls(body))
    return sent(body, message({ content: [said('There is sleet in Paris, and fog tomorrow.')] }))
  if (!forced(body)) return sent(body, message())
  const name = dig(body.tool_choice, 'name') ?? dig(body.tools, 0, 'name')
  const several =
    JSON.stringify(body.messages).includes('Tokyo') &&
    dig(body.tool_choice, 'disable_parallel_tool_use') !== true
  const inputs: Record<string, Json> = {
    get_status: {},
    take_picture: {},
    save_note: { text: 'Grüße' },
  }
  const input = inputs[String(name)] ?? { city: 'Paris' }
  const cut = body.max_tokens === 6
  const content = [
    call(String(name), cut ? {} : input),
    ...(several ? [call('get_weather', { city: 'Tokyo' })] : []),
  ]
  if (JSON.stringify(body.messages).includes('Let me look it up')) content.unshift(said('Let me look it up.'))
  if (isObject(body.thinking) && body.thinking.type === 'enabled') content.unshift(thought())
  return sent(
    body,
    cut
      ? called(content, { stop_reason: 'max_tokens', usage: { input_tokens: 9, output_tokens: 6 } })
      : called(content),
  )
}

/** The answer of `right`, but for the first turn (no results yet) or the second one. */
export const first =
  (answer: (body: JsonObject) => Exchange): Answer =>
  (body, probe) =>
    answersCalls(body) ? right(body, probe) : answer(body)
export const second =
  (answer: (body: JsonObject) => Exchange): Answer =>
  (body, probe) =>
    asArray(body.messages).length > 1 ? answer(body) : right(body, probe)

export const whole =
  (body: JsonObject): Answer =>
  (asked) =>
    sent(asked, body)

export const refuses =
  (status: number): ((body: JsonObject) => Exchange) =>
  () =>
    refusal(status)
