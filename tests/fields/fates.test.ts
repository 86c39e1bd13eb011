import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drop, places } from '../../fixtures/gateway/edit.ts'
import { type Refusal, refuse } from '../../fixtures/gateway/refusal.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { requestFields } from '../../suites/core/schema.ts'
import { groundOf } from '../../suites/core/select.ts'
import { fieldChecks } from '../../suites/fields/fields.ts'
import { CHAT_FIELDS } from '../../suites/openai-chat/fields/kit.ts'
import { Stand, specs, type Touched } from './stand.ts'

/**
 * For every field that a profile documents: a gateway that ignores it, one that refuses it, and one that takes its wrong
 * values. The question about that field must see it.
 */

/** Honoured or not, a right gateway may answer the same: their observers never say `ignored`. */
const NOT_TOLD_APART = new Set(['service_tier', 'metadata', 'reasoning_effort'])

/** The model acts as if the field had not been sent. */
function ignores(path: string, model: string): Twist {
  // A gateway that ignores the model serves its own.
  if (path === 'model') {
    return {
      receive: (request) => {
        if (typeof request.body.model === 'string') request.body.model = model
        return request
      },
    }
  }
  return { act: (body) => drop(body, path) }
}

function refuses(path: string): Twist {
  return {
    admit: (refusal, request) =>
      refusal ??
      (places(request.body, path).length > 0
        ? refuse(path, null, `Unsupported parameter: '${path}'.`)
        : null),
  }
}

/** Every refusal for what the body holds is dropped. */
const ACCEPTS: Twist = { admit: (refusal: Refusal | null) => (refusal?.status === 400 ? null : refusal) }

const tried = new Set<string>()

/** The verdict of a check; of the check that blocks it, where one does. */
function culprit(lines: ReadonlyMap<string, VerdictLine>, id: string): VerdictLine {
  let line = lines.get(id)!
  while (line.skip?.by !== undefined) line = lines.get(line.skip.by)!
  return line
}

describe.each([
  ['openai', 'gpt-4.1-mini'],
  ['openai', 'gpt-5.4-mini'],
  ['openai', 'gpt-audio-mini'],
  ['tokenhub-intl', 'deepseek-v3.2'],
  ['pingtoken', 'deepseek-v4-pro'],
])('%s with %s', (id, model) => {
  const profile = { ...specs.profiles.get(id)!, default_model: model }
  const ground = groundOf('openai-chat', profile, specs)!
  const ids = new Map(fieldChecks(ground, CHAT_FIELDS).map((check) => [check.id, check]))
  const fields = requestFields('openai-chat').filter((field) => {
    const promise = ground.promise.fields[field.path]
    return promise !== undefined && ground.level(promise.requirements) !== undefined
  })
  /** A field is tried on the first profile that has it; its wrong values once for each strength of refusal. */
  const asked = (question: string) =>
    fields
      .map((field) => ({ path: field.path, check: `openai-chat/field/${field.path}/${question}` }))
      .filter(({ path, check }) => {
        const strength = question === 'refused' ? ground.promise.fields[path]!.refusal : ''
        const key = `${check} ${strength}`
        if (!ids.has(check) || tried.has(key)) return false
        tried.add(key)
        return true
      })
  let stand: Stand

  beforeAll(async () => {
    stand = await Stand.open(profile)
    await stand.learn()
  })
  afterAll(() => stand.close())

  const holding =
    (path: string): Touched =>
    (body) =>
      path === 'model' || places(body, path).length > 0

  /** What fails on must is red, on may a warning. */
  const red = (line: VerdictLine): string[] => (line.level === 'must' ? ['fail'] : ['fail', 'warn'])

  test.each(asked('effect').filter(({ path }) => !NOT_TOLD_APART.has(path)))(
    'a gateway that ignores $path is seen',
    async ({ path, check }) => {
      const { lines } = await stand.run(ignores(path, model), [check], holding(path))
      const line = culprit(lines, check)
      const wanted = ids.get(line.id)?.elicit?.ask === 'reply'
      // A model may forget, so what was lost is not proven.
      if (wanted) expect(line.verdict, `${line.id}: ${line.message}`).toBe('inconclusive')
      // Some gateways fall back on another model on purpose.
      else if (path === 'model') {
        expect(line.verdict, line.message).toBe('warn')
      } else expect(red(line), `${line.id}: ${line.verdict} ${line.message}`).toContain(line.verdict)
    },
  )

  test.each(asked('accepted'))('a gateway that refuses $path is seen', async ({ path, check }) => {
    const { lines } = await stand.run(refuses(path), [check], holding(path))
    const line = culprit(lines, check)
    // Nobody can tell a model that is refused from one that is not there.
    if (path === 'model')
      expect(line).toMatchObject({ id: 'openai-chat/plain/reply', verdict: 'inconclusive' })
    else expect(red(line), `${line.id}: ${line.verdict} ${line.message}`).toContain(line.verdict)
  })

  test.each(asked('refused'))(
    'a gateway that takes wrong values of $path is seen',
    async ({ path, check }) => {
      const { lines } = await stand.run(ACCEPTS, [check], (_, before) => before.status === 400)
      const line = lines.get(check)!
      const refusal = ground.promise.fields[path]!.refusal ?? 'unstated'
      const broken = line.findings.some((one) => one.requirement === 'HTTP-client-error-status')
      if (refusal === 'official') {
        const wanted = broken ? 'fail' : 'warn'
        expect(line.verdict, line.message).toBe(wanted)
      } else {
        expect(line.verdict, line.message).toBe(broken ? 'fail' : 'pass')
        expect(line.findings.length).toBeGreaterThan(0)
      }
    },
  )
})
