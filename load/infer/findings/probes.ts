/**
 * The names of the probes of the second plan, and what a labelled run of them shows. A sample's `probe` is
 * `name-round`; all that a finding needs is in the labels, so that recorded samples are judged as they are.
 */
import type { Sample } from '../types.ts'

export const PROBES = [
  /** Plain requests until one that goes alone is refused. */
  'fill',
  /** The same, after a rest, in order to know the size of the limit: the last of them tells it. */
  'size',
  /** The same, far beyond any limit, and nothing was refused. */
  'unbounded',
  /** One request after a silence of exactly Retry-After. */
  'waited',
  /** One request after half of Retry-After. */
  'early',
  /** Small requests while it is shut. */
  'polled',
  /** One request after a silence as long as the one that had been enough before. */
  'silent',
  /** One request after a silence longer than the longest window that is looked for. */
  'longest',
  /** How much is back? */
  'leap',
  /** Streams that are given up early. */
  'hang-up',
  /** Streams of many chunks. */
  'chunks',
  /** As many tokens as `chunks`, not streamed. */
  'whole',
  /** A small max_tokens beside a great max_completion_tokens, or the reverse. */
  'conflict',
  /** The great bound alone. */
  'control',
  /** Much more than the limit at once, in streams that last a while. */
  'burst',
  /** One request while those streams last. */
  'while',
  /** One request after they have ended. */
  'after',
] as const
export type ProbeName = (typeof PROBES)[number]

export interface Labelled {
  index: number
  sample: Sample
  name: ProbeName
  round: number
}

const LABEL = /^([a-z-]+)-(\d+)$/

/** Samples with a label, in the order in which they were sent. `index`: as given. */
export function labelled(samples: readonly Sample[]): Labelled[] {
  return samples
    .flatMap((sample, index): Labelled[] => {
      const [, name, round] = LABEL.exec(sample.probe ?? '') ?? []
      const known = PROBES.find((one) => one === name)
      return known === undefined ? [] : [{ index, sample, name: known, round: Number(round) }]
    })
    .sort((a, b) => a.sample.sentAt - b.sample.sentAt)
}

/** What a limiter decided about a request: other refusals, and answers that never came, decide nothing. */
export function decisive(samples: readonly Sample[]): (sample: Sample) => boolean {
  const style = refusalStatus(samples)
  return ({ admitted, status }) => admitted || status === style
}

/**
 * The status with which the limiter refuses: 429 where it is seen; else the commonest of the others (0: the connection
 * is dropped), where it is seen often enough to be no accident, and never before the first admission.
 */
export function refusalStatus(samples: readonly Sample[]): number {
  const counts = new Map<number, number>()
  for (const { admitted, status } of samples) if (!admitted) counts.set(status, (counts.get(status) ?? 0) + 1)
  if (counts.has(429)) return 429
  const [most] = [...counts].sort((a, b) => b[1] - a[1])
  return most !== undefined && most[1] >= 3 ? most[0] : 429
}
