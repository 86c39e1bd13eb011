import { finding, type Rule } from '../core/check.ts'
import type { View } from '../core/view.ts'

/** Headers under which one vendor tells limits, in the forms that its clients know. */
export interface LimitHeaders {
  /** What their names have in common. */
  called: string
  /** Names of limits and of what they leave: whole numbers. */
  count: RegExp
  /** Names of what tells when a limit is whole again. */
  reset: RegExp
  isReset(value: string): boolean
  /** What a reset is, in words. */
  form: string
}

/** `6m0s`, `24ms`, `1h0m3.5s`: how Go writes a duration. */
const DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/
/** `2026-11-22T05:30:00Z`: RFC 3339. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i

export const OPENAI_LIMITS: LimitHeaders = {
  called: 'x-ratelimit',
  count: /^x-ratelimit-(?:limit|remaining)-(?:requests|tokens)$/i,
  reset: /^x-ratelimit-reset-(?:requests|tokens)$/i,
  isReset: (value) => DURATION.test(value),
  form: 'a duration such as 6m0s or 24ms',
}

export const ANTHROPIC_LIMITS: LimitHeaders = {
  called: 'anthropic-ratelimit',
  count: /^anthropic-ratelimit-(?:(?:input-|output-)?tokens|requests)-(?:limit|remaining)$/i,
  reset: /^anthropic-ratelimit-(?:(?:input-|output-)?tokens|requests)-reset$/i,
  isReset: (value) => TIME.test(value) && !Number.isNaN(Date.parse(value)),
  form: 'a time of RFC 3339 such as 2026-11-22T05:30:00Z',
}

/**
 * Headers that tell a client how much it may still ask. No document demands them: what is sent should be readable.
 * `known`: the headers that clients of the dialect may read.
 */
export function limitRules(dialect: string, known: readonly LimitHeaders[] = [OPENAI_LIMITS]): Rule[] {
  const called = known.map((one) => one.called).join(' and ')
  const forms = known.map(({ form }) => form).join(', or ')
  return [
    {
      id: `${dialect}/http/limit-counts`,
      title: `${called} headers for limits and what remains are whole numbers, 0 or more`,
      requirements: ['HTTP-limit-headers'],
      fix: 'Leave a header out whose value is not known; never send -1 or a word for it.',
      on: (view) => known.some(({ count }) => named(view, count).length > 0),
      *judge(view) {
        for (const [name, value] of known.flatMap(({ count }) => named(view, count))) {
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
      title: `A reset header has the form of its name: ${known.map((one) => `${one.called}, ${one.form}`).join('; ')}`,
      requirements: ['HTTP-limit-headers'],
      fix: `Send the form that clients know under this name, or another name: ${forms}.`,
      on: (view) => known.some(({ reset }) => named(view, reset).length > 0),
      *judge(view) {
        for (const { reset, isReset, form } of known) {
          for (const [name, value] of named(view, reset)) {
            if (isReset(value.trim())) continue
            yield finding(view.headerPlace(name), form, `${name}: ${value}`, {
              by: 'should',
              why: 'A client takes it for another unit, or a time of day for a duration, and waits too long or not at all.',
            })
            return
          }
        }
      },
    },
  ]
}

function named(view: View, form: RegExp): [name: string, value: string][] {
  if (view.status === 0 || view.exchange.wire === 'body') return []
  return view.exchange.headers.filter(([name]) => form.test(name))
}
