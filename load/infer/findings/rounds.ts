/** The labelled samples, round by round: how much each part of a round let in. */
import type { Sample } from '../types.ts'
import { decisive, type Labelled, labelled, type ProbeName } from './probes.ts'
import type { Seen } from './types.ts'
import { UNITS } from './units.ts'

export interface Part {
  list: Labelled[]
  /** Units that were let in, and how many requests were let in and refused. */
  units: number
  /** The same where bounds on answers cost nothing: what was surely taken by any way of charging. */
  least: number
  admitted: number
  refused: number
}

export class Rounds {
  readonly all: Labelled[]
  readonly numbers: number[]
  /** What a rested limiter lets in of plain requests: the size against which parts are held. */
  readonly size: number
  readonly decides: (sample: Sample) => boolean
  readonly #seen: Seen

  constructor(seen: Seen) {
    this.#seen = seen
    this.decides = decisive(seen.samples)
    this.all = labelled(seen.samples)
    this.numbers = [...new Set(this.all.map(({ round }) => round))].sort((a, b) => a - b)
    const measured = this.with('size').filter((n) => this.part(n, 'size').refused > 0)
    this.size = measured.length ? this.part(measured.at(-1) ?? 0, 'size').units : 0
  }

  part(round: number, name: ProbeName): Part {
    return this.sum(this.all.filter((one) => one.round === round && one.name === name))
  }

  of(name: ProbeName): Labelled[] {
    return this.all.filter((one) => one.name === name)
  }

  /** Rounds in which there is such a probe. */
  with(name: ProbeName): number[] {
    return this.numbers.filter((n) => this.all.some((one) => one.round === n && one.name === name))
  }

  sum(list: Labelled[]): Part {
    const units = UNITS[this.#seen.aim]
    const admitted = list.filter(({ sample }) => sample.admitted)
    return {
      list,
      units: admitted.reduce((sum, { sample }) => sum + units.of(sample), 0),
      least: admitted.reduce(
        (sum, { sample }) => sum + (this.#seen.aim === 'tokens' ? sample.promptTokens : 1),
        0,
      ),
      admitted: admitted.length,
      refused: list.filter(({ sample }) => !sample.admitted && this.decides(sample)).length,
    }
  }
}
