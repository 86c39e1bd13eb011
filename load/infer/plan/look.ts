/** A first, cheap inference while the plan runs: how long the window is, so that six of them are kept. */
import { groups } from '../groups.ts'
import { Search, type Windowed } from '../model/search.ts'
import { ALONE } from '../model/weigh.ts'
import type { Charge } from '../types.ts'
import type { Course } from './course.ts'

/** Trials of one look: some tens of milliseconds in V8, a second or two in k6's engine. */
const TRIALS = 4000
const GREED = 0.6
/** The limit is known roughly by then. */
const CELLS = 120
/** An explanation that leaves more than two samples or so unexplained is none. */
const BAD = 8

export interface Look {
  algorithm: Windowed
  /** ms: the likeliest window, and the shortest that is not excluded. */
  window: number
  shortest: number
}

/**
 * What has been sent so far, explained by some algorithms. Answer and reservation were the same in it, so that one way of
 * charging stands for all. `range`: where the window may be, ms.
 */
export function look(
  { desk, sizes, atEnd, bracket, options: { looks = TRIALS } }: Course,
  algorithms: readonly Windowed[],
  range: { least: number; most: number },
): Look | undefined {
  if (looks === 0) return undefined
  const [first] = desk.samples
  const own = [...desk.samples.keys()].filter(
    (i) => desk.samples[i]?.key === first?.key && desk.samples[i]?.model === first?.model,
  )
  const when = atEnd ? 'end' : 'admission'
  const tokens = atEnd ? 'prompt+completion' : 'prompt+max'
  const what: Charge['what'] = sizes.aim === 'requests' ? 'request' : tokens
  const charges = [false, true].flatMap((refused) =>
    [false, true].map((cancelled): Charge => ({ what, when, refused, cancelled })),
  )
  const all = groups(desk.samples, own)
  const search = new Search(all, charges, {
    range,
    prices: ALONE,
    algorithms,
    limits: { low: 0.8 * bracket.low, high: 1.2 * bracket.high, cells: CELLS },
  })
  search.run(looks, GREED)
  const ranked = search.hypotheses.filter(({ mass }) => mass > 0).sort((a, b) => b.mass - a.mass)
  const [best] = ranked
  if (!best?.best || best.best.price > BAD) return undefined
  const windows = ranked.filter(({ mass }) => mass > 0.03 * best.mass).map(windowOf)
  return { algorithm: best.algorithm, window: windowOf(best), shortest: Math.min(...windows) }
}

const windowOf = ({ windows, mass }: { windows: number; mass: number }): number => Math.exp(windows / mass)
