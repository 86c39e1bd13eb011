import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { Probe } from '../core/probe.ts'

/** The simplest prompt: what everything that does not need another one asks, so that probes are shared. */
export const PLAIN = 'Reply with the single word OK.'
/** A task that is longer than any limit that we set. */
export const LONG = 'Count from 1 to 200 in digits, separated by single spaces. Write nothing else.'

export const ONE_CITY = 'What is the weather in Paris right now? Use the tool.'
export const TWO_CITIES =
  'What is the weather in Paris and in Tokyo right now? Call the tool once for each city.'

/** A body that breaks off: no JSON in any dialect. */
export const BROKEN_JSON = '{"model": "x", "messages": ['

export interface Ask extends Omit<Probe, 'dialect' | 'body'> {
  messages?: Json[]
  prompt?: string
  /** Removes body fields after everything else: for requests with one fault. */
  without?: string[]
}

/** Makes the probes of a dialect: the model under test, one user turn, and what is added. */
export function asker(dialect: string): (fields?: JsonObject, more?: Ask) => Probe {
  return (fields = {}, { messages, prompt, without = [], ...rest } = {}) => {
    const body: JsonObject = {
      model: '$model',
      messages: messages ?? [{ role: 'user', content: prompt ?? PLAIN }],
      ...fields,
    }
    for (const field of without) delete body[field]
    return { dialect, body, ...rest }
  }
}
