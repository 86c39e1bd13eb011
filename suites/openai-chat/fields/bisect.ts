import type { Exchange } from '../../../reports/record/types.ts'
import type { Probe, Step } from '../../core/probe.ts'
import { ChatView } from '../view.ts'
import { type Case, probeOf } from './compose.ts'
import { answered } from './effects/effect.ts'

/**
 * The steps that clear one case, or find it guilty: the row that covers it; where that is refused, the half of the row
 * that holds it, and so on, until a request is accepted or the case stands alone. The halves follow from the row, so
 * that the cases of a row share them.
 */
export function clearing(one: Case, row: readonly Case[]): Step[] {
  const [, ...halves] = narrowing(one, row)
  const later = halves.map((half, number): Step => {
    const step = (sofar: Exchange[]) =>
      sofar.length === number + 1 && !accepted(sofar[number]) ? probeOf(half) : undefined
    return Object.assign(step, { contingent: true as const })
  })
  return [probeOfRow(row), ...later]
}

const whole = new WeakMap<readonly Case[], Probe>()

/** The request of a row, made once for all of its cases. */
function probeOfRow(row: readonly Case[]): Probe {
  const probe = whole.get(row) ?? probeOf(row)
  whole.set(row, probe)
  return probe
}

/** The row, its half with the case, half of that …, last the case alone. */
export function narrowing(one: Case, row: readonly Case[]): Case[][] {
  const out: Case[][] = [[...row]]
  for (let left = [...row]; left.length > 1; ) {
    const middle = Math.ceil(left.length / 2)
    left = left.indexOf(one) < middle ? left.slice(0, middle) : left.slice(middle)
    out.push(left)
  }
  return out
}

function accepted(exchange: Exchange | undefined): boolean {
  return exchange !== undefined && (exchange.status === 429 || answered(new ChatView(exchange)))
}
