/** Whether the limit holds: under a burst, at the end of streams, at all times, and whether it ever opens again. */
import { type Part, Rounds } from './rounds.ts'
import type { LimitFinding, Seen } from './types.ts'

/** A burst that is let in to this many times the limit is no accident of times. */
const OVER = 1.2

const times = (value: number): string => `${value.toFixed(1)} times`

/** Much more than the limit at once was let in, every time: by a race, or because nothing is charged until the end. */
export function overrun(rounds: Rounds): LimitFinding[] {
  const { size } = rounds
  const tried = rounds.with('burst').map((n) => ({
    burst: rounds.part(n, 'burst'),
    during: rounds.part(n, 'while'),
    after: rounds.part(n, 'after'),
  }))
  const over = tried.filter(({ burst }) => burst.least >= OVER * size + 2)
  // Nothing of it let in: it was still shut. Only a part: then what the limit is is not known well enough.
  const telling = tried.filter(({ burst }) => burst.units > 0)
  if (size === 0 || over.length < 2 || over.length < telling.length) return []
  const samples = over.flatMap(({ burst }) => burst.list.filter(({ sample }) => sample.admitted))
  const most = Math.max(...over.map(({ burst }) => burst.least / size))
  const found = { samples: samples.map(({ index }) => index) }
  const shut = over.every(({ during }) => shutAtOnce(during, rounds))
  if (shut && over.some(({ burst, during }) => !lasting(burst, during)))
    return [
      {
        id: 'race',
        text: `${times(most)} the limit was let in when it was asked at once, ${over.length} times of ${telling.length}: what is taken is seen too late (the answers were over too soon to tell whether it is seen only at their end)`,
        ...found,
      },
    ]
  if (shut)
    return [
      {
        id: 'race',
        text: `${times(most)} the limit was let in when it was asked at once, ${over.length} times of ${telling.length}, and nothing just after it: what is taken is seen too late`,
        ...found,
      },
    ]
  if (over.every(({ during, after }) => during.refused === 0 && during.admitted > 0 && after.refused > 0))
    return [
      {
        id: 'charged-at-end',
        text: `${times(most)} the limit was let in at once and more while those streams lasted; only when they had ended was it refused, ${over.length} times of ${telling.length}`,
        ...found,
      },
    ]
  return []
}

/** Refused just after it; what was let in later came after a refusal: it had opened again. */
function shutAtOnce({ list }: Part, rounds: Rounds): boolean {
  const refused = list.filter(({ sample }) => !sample.admitted && rounds.decides(sample))
  const first = Math.min(...refused.map(({ sample }) => sample.sentAt))
  return refused.length > 0 && list.every(({ sample }) => !sample.admitted || sample.sentAt > first)
}

/** Most of the burst was still under way when the first request after it was answered. */
function lasting(burst: Part, { list }: Part): boolean {
  const first = Math.min(...list.map(({ sample }) => sample.firstAt ?? sample.endedAt))
  const open = burst.list.filter(({ sample }) => sample.admitted && sample.endedAt > first)
  return open.length > 0.7 * burst.admitted
}

/** For a time nothing was refused, however much was sent; before or after that it was. */
export function failsOpen(rounds: Rounds): LimitFinding[] {
  // Only once the size of the limit is known.
  const open = rounds
    .of('unbounded')
    .filter(({ sample, round }) => sample.admitted && round > (rounds.with('size')[0] ?? 0))
  if (open.length === 0 || rounds.size === 0) return []
  const samples = open.flatMap(({ round }) => [
    ...rounds.part(round, 'fill').list,
    ...rounds.part(round, 'size').list,
  ])
  const sent = rounds.sum(samples).units
  const begin = Math.min(...samples.map(({ sample }) => sample.sentAt))
  const end = Math.max(...open.map(({ sample }) => sample.endedAt))
  return [
    {
      id: 'fails-open',
      text: `for ${((end - begin) / 1000).toFixed(1)} s nothing was refused (${times(sent / Math.max(1, rounds.size))} the limit was let in), and at other times it was`,
      samples: samples.map(({ index }) => index),
    },
  ]
}

/** Shut for as long as it is asked, open after a silence that is much shorter. */
export function extendedByRefusals(rounds: Rounds): LimitFinding[] {
  const silent = rounds.of('silent').filter(({ sample }) => sample.admitted)
  if (silent.length === 0) return []
  const longest = rounds.of('longest').length > 0 ? longestAsking(rounds) : 0
  const evidence = silent.filter(({ round, sample, index }) => {
    const before = rounds.all.filter((one) => one.sample.endedAt <= sample.sentAt && one.index !== index)
    const last = before.at(-1)?.sample.endedAt ?? sample.sentAt
    // In this round, or, where the first asking went on up to the longest window, in that one.
    const brim = before.findLast((one) => one.name === 'fill' || one.name === 'size')
    const polled = rounds.part(round, 'polled')
    const asked = polled.list.length > 1 && polled.admitted === 0 ? last - (brim?.sample.endedAt ?? last) : 0
    return Math.max(asked, longest) > 1.6 * (sample.sentAt - last)
  })
  if (evidence.length < 2) return []
  return [
    {
      id: 'extended-by-refusals',
      text: 'it stayed shut for as long as it was asked, and opened after a much shorter silence: each refused request begins the window anew',
      samples: [...rounds.of('polled'), ...evidence].map(({ index }) => index),
    },
  ]
}

function longestAsking(rounds: Rounds): number {
  const polled = rounds.part(0, 'polled').list
  const [first] = polled
  return polled.some(({ sample }) => sample.admitted) || !first
    ? 0
    : (polled.at(-1)?.sample.sentAt ?? 0) - first.sample.sentAt
}

/** Shut after a silence longer than any window, although a shorter wait was named. */
export function neverResets(rounds: Rounds): LimitFinding[] {
  const tried = rounds.of('longest')
  const named = rounds.all.flatMap(({ sample }) => sample.retryAfter_s ?? [])
  const shut = tried.filter(({ sample }) => !sample.admitted && rounds.decides(sample))
  if (shut.length === 0 || shut.length < tried.length) return []
  const last = shut.at(-1)
  const before = rounds.all.filter((one) => one.sample.endedAt < (last?.sample.sentAt ?? 0))
  const silent = (last?.sample.sentAt ?? 0) - Math.max(...before.map((one) => one.sample.endedAt))
  // A long window that says so is none of this.
  if (named.length > 0 && Math.min(...named) * 1000 > silent) return []
  return [
    {
      id: 'never-resets',
      text: `still refused after ${Math.round(silent / 1000)} s of silence${named.length ? `, although Retry-After said ${Math.min(...named)} s` : ''}`,
      samples: [...rounds.of('waited'), ...shut].map(({ index }) => index),
    },
  ]
}

export function enforcement(seen: Seen): LimitFinding[] {
  const rounds = new Rounds(seen)
  return [...overrun(rounds), ...failsOpen(rounds), ...extendedByRefusals(rounds), ...neverResets(rounds)]
}
