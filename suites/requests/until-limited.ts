import type { Exchange } from '../../reports/record/types.ts'
import type { Probe, Step } from '../core/probe.ts'

/** Requests with the limited key at most. */
const MOST = 12

/** Sends until a 429 comes: `probe` makes the requests, each of them fresh. */
export function untilLimited(probe: (fresh: string) => Probe): Step[] {
  return Array.from({ length: MOST }, (_, at): Step => {
    const one = probe(`limited ${at}`)
    if (at === 0) return one
    const next = (sofar: Exchange[]) => (sofar.at(-1)!.status === 200 ? one : undefined)
    return Object.assign(next, { contingent: () => [one] })
  })
}
