import { expect, test } from 'vitest'
import type { Exchange, JsonObject } from '../../reports/record/types.ts'
import { anthropicMessages } from '../../suites/anthropic-messages/dialect.ts'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import { eventsOf, message, refusal, reply, stream } from './exchange.ts'

const overloaded = (exchange: Exchange): boolean => anthropicMessages.overloaded!(new MessagesView(exchange))
const broken = (type: string): Exchange => {
  const error: JsonObject = { type: 'error', error: { type, message: 'Busy.' } }
  return stream([...eventsOf(message()).slice(0, 3), error])
}

test('an overload told inside a stream is no answer; another error is one', () => {
  expect(overloaded(broken('overloaded_error'))).toBe(true)
  expect(overloaded(broken('api_error'))).toBe(false)
  expect([stream(), reply(), refusal(400)].map(overloaded)).toEqual([false, false, false])
})
