/** A run in virtual time as the sample file of a limits run. */

import type { Order } from '../../load/order.ts'
import type { Course } from '../infer/findings-cases.ts'

export function fileOf({ samples, begun }: Course, order: Order, whole = true): string {
  const rows = samples.map((sample, id) => ({
    id,
    part: sample.sentAt < begun && sample.probe === undefined ? 'plan' : 'probes',
    ...sample,
  }))
  const head = { schema: 'assay/limit-samples/1', run: order.run, scenario: order.scenario }
  const end = { end: { at_ms: 0, rows: rows.length, stopped: false } }
  return [head, ...rows, ...(whole ? [end] : [])].map((line) => `${JSON.stringify(line)}\n`).join('')
}
