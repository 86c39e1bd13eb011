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
      sofar.length === number + 1 && !accepted(sofar[number], kit) ? probeOfPart(half, kit) : undefined
    return Object.assign(step, { contingent: () => [probeOfPart(half, kit)] })
  })
  return [probeOfPart(row, kit), ...later]
}

const made = new WeakMap<readonly Case[], Probe>()

/** The request of a row or a part of it, made once for all of its cases. */
function probeOfPart<V extends StreamView>(part: readonly Case[], kit: FieldKit<V>): Probe {
  const probe = made.get(part) ?? probeOf(part, kit)
  made.set(part, probe)
  return probe
}

/** The row, its half with the case, half of that …, last the case alone. Cases of one row get the same arrays. */
export function narrowing<C extends Case>(one: C, row: readonly C[]): (readonly C[])[] {
  const out = [row]
  for (let left = row; left.length > 1; ) {
    const [front, back] = halvesOf(left)
    left = front.includes(one) ? front : back
    out.push(left)
  }
  return out
}

const split = new WeakMap<readonly Case[], readonly [readonly Case[], readonly Case[]]>()

function halvesOf<C extends Case>(part: readonly C[]): readonly [readonly C[], readonly C[]] {
  const known = split.get(part) as readonly [readonly C[], readonly C[]] | undefined
  if (known !== undefined) return known
  const middle = Math.ceil(part.length / 2)
  const both = [part.slice(0, middle), part.slice(middle)] as const
  split.set(part, both)
  return both
}

function accepted<V extends StreamView>(exchange: Exchange | undefined, kit: FieldKit<V>): boolean {
  return exchange !== undefined && (exchange.status === 429 || kit.view(exchange).answered)
}
