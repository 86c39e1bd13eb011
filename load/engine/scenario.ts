import { fileURLToPath } from 'node:url'
import { LIMIT_SCENARIOS, type Scenario } from '../order.ts'

/** Scenarios are compiled together with this file, or run as they are together with it. */
const ENDING = import.meta.url.endsWith('.ts') ? 'ts' : 'js'

/** Path of the script that k6 runs. */
export function scenarioFile(scenario: Scenario): string {
  const kind = isLimit(scenario) ? 'limits' : 'stream'
  return fileURLToPath(new URL(`../scenarios/${kind}/${scenario}.${ENDING}`, import.meta.url))
}

/**
 * The command line of k6. It holds no secret. `samples`: the file that rows go to. No metrics leave the machine, no API
 * server is opened, and nothing is printed that nobody reads.
 */
export function engineArguments(scenario: Scenario, samples: string): string[] {
  const rows = isLimit(scenario)
    ? ['--log-format', 'raw', '--console-output', samples]
    : ['--out', `assay=${samples}`]
  return [
    'run',
    '--quiet',
    '--no-color',
    '--summary-mode=disabled',
    '--no-usage-report',
    '--address=',
    ...rows,
    scenarioFile(scenario),
  ]
}

function isLimit(scenario: Scenario): boolean {
  return (LIMIT_SCENARIOS as readonly string[]).includes(scenario)
}
