import { dialectText } from '../reports/dialects.ts'
import { safeText } from '../reports/terminal/safe-text.ts'
import { plan } from '../suites/core/plan.ts'
import { select } from '../suites/core/select.ts'
import { EXIT } from './exit.ts'
import { planRows, planTable } from './plan-table.ts'
import type { PreparedRun } from './prepare-run.ts'
import { say } from './speak.ts'

/** `assay run --plan`: what would be asked, what it may cost. Nothing is sent. */
export function showPlan({ dialects, profile, specs, options, bases, notes }: PreparedRun): number {
  const { session } = options
  const selected = select(dialects, profile, specs, session)
  const whole = plan(selected, session.model)
  const names = session.dialects.map((id) => dialectText(id, profile.dialects[id]?.version))
  const model = safeText(session.model)
  say(`profile ${profile.id} · ${names.join(', ')} · model ${model} · level ${session.level}`)
  for (const [id, base] of Object.entries(bases ?? {})) say(`${id} at ${base}`)
  say('')
  say(planTable(planRows(selected, session.model), whole))
  say(
    `\nNever more than ${whole.most.toLocaleString('en')} requests and ${whole.mostTokens.toLocaleString('en')} tokens by estimate, should every refusal have to be narrowed down and every behaviour be asked for again; --max-requests holds whatever happens, --max-tokens by the same estimate.`,
  )
  for (const note of notes) say(`${note.slice(0, 1).toUpperCase()}${note.slice(1)}.`)
  say('Equal requests are sent once; a request that several subjects share is counted at the first.')
  for (const [name, most, planned] of [
    ['--max-requests', options.max_requests, whole.requests],
    ['--max-tokens', options.max_tokens, whole.tokens],
  ] as const) {
    if (most !== null && planned > most)
      say(`${name} ${most} is less than planned: some checks will have no answer.`)
  }
  say('Nothing was sent.')
  return EXIT.ok
}
