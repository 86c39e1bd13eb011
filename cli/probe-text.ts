import type { Profile } from '../specs/types.ts'
import type { Check } from '../suites/core/check.ts'
import type { Probe, Step } from '../suites/core/probe.ts'
import { resolve } from '../suites/core/resolve.ts'

const SHOWN = 1500

/** The probes of a check in readable form, one conversation after the other. `dialect`: the check's own. */
export function askedText(check: Check, dialect: string, profile: Profile): string[] {
  return Object.entries(check.ask).flatMap(([name, steps]) => [
    `${name}${steps.length > 1 ? `, ${steps.length} turns` : ''}:${again(check, name)}`,
    ...steps.flatMap((step) => stepText(step, dialect, profile)),
  ])
}

function again({ elicit }: Check, name: string): string {
  if (elicit?.ask !== name) return ''
  return ` asked up to ${elicit.tries ?? 3} times, until the behaviour shows`
}

function stepText(step: Step, own: string, profile: Profile): string[] {
  if (typeof step === 'function') return ['  then a request that is made of the answer before']
  const promise = profile.dialects[step.dialect]
  const base = step.dialect === own ? '{base}' : `{base of ${step.dialect}}`
  if (promise === undefined) return [`  a request of ${step.dialect}, which the profile does not promise`]
  const { probe } = resolve(step, { model: profile.default_model, promise })
  return [
    `  ${probe.method} ${base}${probe.path}`,
    ...keyText(probe),
    ...Object.entries(probe.headers ?? {}).map(([name, value]) =>
      value === null ? `  without the header ${name}` : `  ${name}: ${value}`,
    ),
    ...(probe.wire === 'raw' ? ['  by hand over a socket'] : []),
    ...(probe.hangUpAfter === undefined ? [] : [`  and hangs up after ${probe.hangUpAfter} bytes of body`]),
    ...bodyText(probe),
  ]
}

function keyText({ keyRole }: Probe): string[] {
  if (keyRole === undefined || keyRole === 'default') return []
  if (keyRole === 'none') return ['  without a key']
  return [keyRole === 'wrong' ? '  with a key that was never issued' : `  with the key of role ${keyRole}`]
}

function bodyText({ body, text, repeat }: Probe): string[] {
  if (text !== undefined)
    return cut(text)
      .split('\n')
      .map((line) => `  ${line}`)
  if (repeat !== undefined) {
    const { head, unit, times, tail } = repeat
    return [`  ${cut(head)}${cut(unit)} … ${times} times …${cut(tail)}`]
  }
  if (body === undefined) return []
  return cut(JSON.stringify(body, null, 2))
    .split('\n')
    .map((line) => `  ${line}`)
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)} … (${text.length} characters)` : text
}
