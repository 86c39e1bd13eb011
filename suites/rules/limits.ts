import { finding, type Rule } from '../core/check.ts'
import type { View } from '../core/view.ts'

/** The counts that a limit leaves, and the limit itself, under the names that OpenAI gave them. */
const COUNT = /^x-ratelimit-(?:limit|remaining)-(?:requests|tokens)$/i
const RESET = /^x-ratelimit-reset-(?:requests|tokens)$/i
/** `6m0s`, `24ms`, `1h0m3.5s`: how Go writes a duration. */
const DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/

/** Headers that tell a client how much it may still ask. No document demands them: what is sent should be readable. */
export function limitRules(dialect: string): Rule[] {
  return [
    {
      id: `${dialect}/http/limit-counts`,
      title: 'x-ratelimit headers for limits and what remains are whole numbers, 0 or more',
      requirements: ['HTTP-limit-headers'],
      fix: 'Leave a header out whose value is not known; never send -1 or a word for it.',
      on: (view) => named(view, COUNT).length > 0,
      *judge(view) {
        for (const [name, value] of named(view, COUNT)) {
          if (/^\d+$/.test(value.trim())) continue
          yield finding(view.headerPlace(name), 'a whole number, 0 or more', `${name}: ${value}`, {
            by: 'should',
            why: 'Clients that pace themselves by these numbers wait for ever, or not at all.',
          })
          return
        }
      },
    },
    {
      id: `${dialect}/http/limit-resets`,
      title: 'x-ratelimit-reset headers are durations with their unit, such as 6m0s or 24ms',
      requirements: ['HTTP-limit-headers'],
      fix: 'Send the form that clients know under this name, or another name: 6m0s, 24ms.',
      on: (view) => named(view, RESET).length > 0,
      *judge(view) {
        for (const [name, value] of named(view, RESET)) {
          if (DURATION.test(value.trim())) continue
          yield finding(view.headerPlace(name), 'a duration such as 6m0s or 24ms', `${name}: ${value}`, {
            by: 'should',
            why: 'Without the unit a client takes seconds for milliseconds, or a time of day for a duration.',
          })
          return
        }
      },
    },
  ]
}

function named(view: View, form: RegExp): [name: string, value: string][] {
  if (view.status === 0 || view.exchange.wire === 'body') return []
  return view.exchange.headers.filter(([name]) => form.test(name))
}
