/** What is charged, and when: streams that are given up, chunks, retries, two bounds that disagree. */
import type { ProbeName } from './probes.ts'
import { Rounds } from './rounds.ts'
import type { LimitFinding, Seen } from './types.ts'

const share = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`

/** All that was to go before was let in, and after it the brim was met. */
function complete(rounds: Rounds, round: number, name: ProbeName): boolean {
  const { admitted, list } = rounds.part(round, name)
  return admitted === list.length && rounds.part(round, 'fill').refused > 0
}

/** Every round of this kind shows it: the streams took room only while they were open. */
export function hangUpFree(rounds: Rounds): LimitFinding[] {
  const tried = rounds.with('hang-up').filter((n) => complete(rounds, n, 'hang-up'))
  const free = tried.filter((n) => {
    const given = rounds.part(n, 'hang-up').least
    return given >= 0.4 * rounds.size && given + rounds.part(n, 'fill').units >= rounds.size + 0.6 * given
  })
  if (free.length < 2 || free.length < tried.length) return []
  const streams = free.flatMap((n) => rounds.part(n, 'hang-up').list)
  const given = free.map((n) => rounds.part(n, 'hang-up').least)
  const left = Math.min(...free.map((n) => rounds.part(n, 'fill').units))
  return [
    {
      id: 'hang-up-free',
      text: `after streams worth ${share(Math.min(...given), rounds.size)} of the limit were given up early, ${share(left, rounds.size)} of it was still there, ${free.length} times of ${tried.length}`,
      samples: streams.map(({ index }) => index),
    },
  ]
}

/** Streams took much more room than as many tokens in whole answers. */
export function countsChunks(rounds: Rounds): LimitFinding[] {
  const { size } = rounds
  const left = (name: 'chunks' | 'whole') =>
    rounds
      .with(name)
      .filter((n) => complete(rounds, n, name))
      .map((n) => rounds.part(n, 'fill').units + rounds.part(n, name).admitted)
  const [streamed, whole] = [left('chunks'), left('whole')]
  if (streamed.length < 2 || whole.length === 0) return []
  const [most, least] = [Math.max(...streamed), Math.min(...whole)]
  if (most > size - Math.max(2, 0.3 * size) || least < 0.85 * size || least - most < 2) return []
  const tokens = rounds.of('chunks').reduce((sum, { sample }) => sum + sample.completionTokens, 0)
  // Others would have to take as much as there were tokens, each time, and nothing in between.
  const taken = tokens / rounds.with('chunks').length
  const like = (one: number): boolean => Math.abs(least - one - taken) <= Math.max(2, 0.2 * taken)
  return [
    {
      id: 'counts-chunks',
      ...(streamed.every(like) && { surely: true }),
      text: `where ${rounds.of('chunks').length / streamed.length} streams of ${Math.round(tokens / rounds.of('chunks').length)} tokens each went before, ${most} requests were let in; where whole answers of that length did, ${least}`,
      samples: rounds.of('chunks').map(({ index }) => index),
    },
  ]
}

/** The great bound is charged where it stands alone, and not beside a small one. */
export function bypassedByConflict(rounds: Rounds): LimitFinding[] {
  const left = (name: 'conflict' | 'control') =>
    rounds
      .with(name)
      .filter((n) => complete(rounds, n, name))
      .map((n) => rounds.part(n, 'fill').units)
  const [both, alone] = [left('conflict'), left('control')]
  if (both.length === 0 || alone.length === 0) return []
  const [least, most] = [Math.min(...both), Math.max(...alone)]
  if (most > 0.45 * rounds.size || least < most + 0.2 * rounds.size) return []
  return [
    {
      id: 'bypassed-by-conflict',
      text: `max_tokens and max_completion_tokens with different values took less room than the greater of them alone: ${share(least, rounds.size)} of the limit was left instead of ${share(most, rounds.size)}`,
      samples: rounds.of('conflict').map(({ index }) => index),
    },
  ]
}

/** Among requests that went together, `remaining` falls by the same whole number, more than one, from each to the next. */
export function countsSeveralTimes(rounds: Rounds, { aim }: Seen): LimitFinding[] {
  if (aim !== 'requests') return []
  const steps: { fall: number; index: number; cost: number }[] = []
  const plain = rounds.all.filter(({ name }) => name === 'fill' || name === 'size' || name === 'leap')
  for (const batch of Map.groupBy(plain, ({ sample }) => Math.round(sample.sentAt)).values()) {
    const shown = batch
      .flatMap(({ sample, index }) => {
        const { admitted, limits, promptTokens, completionTokens } = sample
        const left = limits?.remaining ?? 0
        return admitted && left > 0 ? [{ left, index, cost: promptTokens + completionTokens }] : []
      })
      .sort((a, b) => b.left - a.left)
    for (const [i, { left, index, cost }] of shown.entries()) {
      const next = shown[i + 1]
      if (next && next.left < left) steps.push({ fall: left - next.left, index, cost })
    }
  }
  const falls = steps.map(({ fall }) => fall).toSorted((a, b) => a - b)
  const times = falls[falls.length >> 1] ?? 1
  const even = falls.filter((fall) => fall === times).length
  const tokens = steps.some(({ cost }) => Math.abs(cost - times) <= 1)
  if (falls.length < 4 || times < 2 || times > 6 || even < 0.6 * falls.length || tokens) return []
  return [
    {
      id: 'counts-several-times',
      text: `the remaining header falls by ${times} with each request, ${even} times of ${falls.length}: each is counted ${times} times, as if retries behind the gateway were charged to the client`,
      samples: steps.map(({ index }) => index),
    },
  ]
}

export function charging(seen: Seen): LimitFinding[] {
  const rounds = new Rounds(seen)
  const several = countsSeveralTimes(rounds, seen)
  if (rounds.size === 0) return several
  return [...hangUpFree(rounds), ...countsChunks(rounds), ...bypassedByConflict(rounds), ...several]
}
