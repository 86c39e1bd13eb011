import { LIMIT_SCENARIOS, type LimitScenario, type Scenario, STREAM_SCENARIOS } from '../../load/order.ts'
import { assertKnown } from '../unknown.ts'
import { UsageError } from '../usage.ts'

/** Throws UsageError with the nearest name where there is no such scenario. */
export function scenarioOf(word: string | undefined): Scenario {
  const known = [...STREAM_SCENARIOS, ...LIMIT_SCENARIOS]
  if (word === undefined) throw new UsageError(`name a scenario: ${known.join(', ')}`)
  assertKnown('scenario', [word], known)
  return word as Scenario
}

/** Whether a scenario drives `k6/http` alone and looks for limits. */
export function isLimits(scenario: Scenario): scenario is LimitScenario {
  return (LIMIT_SCENARIOS as readonly string[]).includes(scenario)
}
