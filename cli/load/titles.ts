import type { Scenario } from '../../load/order.ts'

/** What each scenario finds out, in one line. */
export const SCENARIOS: Readonly<Record<Scenario, string>> = {
  latency: 'how fast the first token comes, and how even the rest',
  sweep: 'the highest rate that still meets the objectives',
  soak: 'whether it drifts: hours of the same load',
  burst: 'many requests at once after a quiet time',
  cancel: 'clients that hang up in the middle: is the slot free again?',
  isolation: 'an exhausted or limited key beside a healthy one',
  mixed: 'streams and plain answers, short and long prompts, tools',
  selftest: 'the meter itself, against the true send times of the reference gateway',
  rpm: 'what the limit on requests really is',
  tpm: 'what the limit on tokens really is, and what is charged',
}
