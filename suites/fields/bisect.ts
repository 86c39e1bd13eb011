import type { Exchange } from '../../reports/record/types.ts'
import type { Probe, Step } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'
import { type Case, probeOf } from './compose.ts'
import type { FieldKit } from './kit.ts'

/**
 * The steps that clear one case, or find it guilty: the row that covers it; where that is refused, the half of the row
 * that holds it, and so on, until a request is accepted or the case stands alone. The halves follow from the row, so
 * that the cases of a row share them.
 */
export function clearing<V extends StreamView>(one: Case, row: readonly Case[], kit: FieldKit<V>): Step[] {
  const [, ...halves] = narrowing(one, row)
  const later = halves.map((half, number): Step => {
    const step = (sofar: Exchange[]) =>
      sofar.length === number + 1 && !accepted(sofar[number], kit) ? probeOf(half, kit) : undefined
    return Object.assign(step, { contingent: true as const })
  })
  return [probeOfRow(row, kit), ...later]
}

const whole = new WeakMap<readonly Case[], Probe>()

/** The request of a row, made once for all of its cases. */
function probeOfRow<V extends StreamView>(row: readonly Case[], kit: FieldKit<V>): Probe {
  const probe = whole.get(row) ?? probeOf(row, kit)
  whole.set(row, probe)
  return probe
}

/** The row, its half with the case, half of that …, last the case alone. */
export function narrowing<C extends Case>(one: C, row: readonly C[]): C[][] {
  const out: C[][] = [[...row]]
  for (let left = [...row]; left.length > 1; ) {
    const middle = Math.ceil(left.length / 2)
    left = left.indexOf(one) < middle ? left.slice(0, middle) : left.slice(middle)
    out.push(left)
  }
  return out
}

function accepted<V extends StreamView>(exchange: Exchange | undefined, kit: FieldKit<V>): boolean {
  return exchange !== undefined && (exchange.status === 429 || kit.view(exchange).answered)
}
