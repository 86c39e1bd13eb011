/** What every group costs by one way of charging. Amounts in units of the charge, times in ms. */
import type { Group, Groups } from '../groups.ts'
import type { Charge } from '../types.ts'

/** Amounts with the earliest and latest time at which each can have been made, sorted by either, as running sums. */
export class Sums {
  readonly #earliest: Float64Array
  readonly #byEarliest: Float64Array
  readonly #latest: Float64Array
  readonly #byLatest: Float64Array
  #early = 0
  #late = 0

  constructor(entries: { from: number; to: number; least: number; most: number }[]) {
    const early = entries.toSorted((a, b) => a.from - b.from)
    const late = entries.toSorted((a, b) => a.to - b.to)
    this.#earliest = Float64Array.from(early, ({ from }) => from)
    this.#latest = Float64Array.from(late, ({ to }) => to)
    this.#byEarliest = running(early)
    this.#byLatest = running(late)
  }

  /** Sum of what can have been made by `at`: [least, most] amounts, interleaved at `2 i`. */
  possible(at: number, side: 0 | 1): number {
    this.#early = seek(this.#earliest, at, this.#early)
    return this.#byEarliest[2 * this.#early + side]!
  }

  /** Sum of what was surely made by `at`. */
  sure(at: number, side: 0 | 1): number {
    this.#late = seek(this.#latest, at, this.#late)
    return this.#byLatest[2 * this.#late + side]!
  }
}

function running(entries: { least: number; most: number }[]): Float64Array {
  const sums = new Float64Array(2 * entries.length + 2)
  for (const [i, { least, most }] of entries.entries()) {
    sums[2 * i + 2] = sums[2 * i]! + least
    sums[2 * i + 3] = sums[2 * i + 1]! + most
  }
  return sums
}

/** Number of `times` at or before `at`, looked for from the last answer on: questions come nearly in order. */
function seek(times: Float64Array, at: number, near: number): number {
  let i = near
  while (i < times.length && times[i]! <= at) i++
  while (i > 0 && times[i - 1]! > at) i--
  return i
}

export interface Ledger {
  charge: Charge
  groups: Groups
  /** What one request of each group needs in order to be let in; 0 where charging at the end wants any room. */
  cost: Float64Array
  /** What each group took in all, when it did. */
  takes: { from: number; to: number; least: number; most: number }[]
  takenSums: Sums
  /** What the refused of each group were charged. */
  fines: Float64Array
  fineSums: Sums | undefined
  /** What was given back to each group at its end. */
  backs: { from: number; to: number; least: number; most: number }[]
  backSums: Sums | undefined
  /** The same amounts at the times of what they belong to. */
  backOwners: Sums | undefined
  /** What was let in before the first refusal: the limit is of that order. */
  scale: number
}

export function ledger(charge: Charge, groups: Groups): Ledger {
  const { list } = groups
  const cost = Float64Array.from(list, (group) => admissionCost(charge, group))
  const takes = list.map((group, g) => takeOf(charge, group, cost[g]!))
  const backs = list.map((group, g) => backOf(charge, group, cost[g]!))
  const fines = Float64Array.from(list, (group) => group.refused * refusalCost(charge, group))
  const gives = backs.some(({ most }) => most > 0)
  const refusing = list.findIndex(({ refused }) => refused > 0)
  const scale = takes
    .slice(0, refusing < 0 ? takes.length : refusing + 1)
    .reduce((sum, { most }, g) => sum + most - backs[g]!.least, 0)
  return {
    charge,
    groups,
    cost,
    takes,
    takenSums: new Sums(takes),
    fines,
    fineSums: fines.some((fine) => fine > 0)
      ? new Sums(list.map(({ from, to }, g) => ({ from, to, least: fines[g]!, most: fines[g]! })))
      : undefined,
    backs,
    backSums: gives ? new Sums(backs) : undefined,
    backOwners: gives
      ? new Sums(backs.map(({ least, most }, g) => ({ from: takes[g]!.from, to: takes[g]!.to, least, most })))
      : undefined,
    scale: Math.max(1, scale),
  }
}

function admissionCost({ what, when }: Charge, { prompt, asked }: Group): number {
  if (when === 'end') return 0
  if (what === 'request' || what === 'chunk') return 1
  return what === 'prompt' ? prompt : asked
}

function refusalCost({ what, refused }: Charge, { prompt, asked }: Group): number {
  if (refused !== true) return 0
  if (what === 'request' || what === 'chunk') return 1
  return what === 'prompt+max' ? asked : prompt
}

/** [least, most] in the end: how many tokens were made for one that hung up is known from below only. */
function finalCost({ what, cancelled }: Charge, group: Group): [number, number] {
  const { finished, completion, hungUp, heard, prompt, asked, stream } = group
  const count = finished + (cancelled === false ? 0 : hungUp)
  if (what === 'request') return [count, count]
  if (what === 'chunk')
    return stream ? [completion + heard + count, completion + heard + 3 * count] : [count, count]
  if (what === 'prompt') return [count * prompt, count * prompt]
  if (what === 'prompt+max') return [count * asked, count * asked]
  const plain = finished * prompt + completion
  if (hungUp === 0 || cancelled === false) return [plain, plain]
  const least = hungUp * prompt + heard
  return [
    plain + least,
    plain + Math.min(hungUp * asked, least + 20 * hungUp + 0.3 * (hungUp * asked - least)),
  ]
}

function takeOf(charge: Charge, group: Group, cost: number) {
  if (charge.when === 'end') {
    const [least, most] = finalCost(charge, group)
    return { from: group.endFrom, to: group.endTo, least, most }
  }
  const amount = cost * group.admitted
  return { from: group.from, to: group.to, least: amount, most: amount }
}

function backOf(charge: Charge, group: Group, cost: number) {
  const at = { from: group.endFrom, to: group.endTo }
  const amends = charge.what === 'reserve-refund' || (charge.cancelled === false && group.hungUp > 0)
  if (charge.when === 'end' || !amends || group.admitted === 0) return { ...at, least: 0, most: 0 }
  const [least, most] = finalCost(charge, group)
  return { ...at, least: cost * group.admitted - most, most: cost * group.admitted - least }
}
