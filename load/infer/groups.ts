/** Samples as groups: equal requests sent at the same moment, of which some were let in. Times in ms. */
import type { Sample } from './types.ts'

/** What one group asked of the gateway, and when it can have been decided there. */
export interface Group {
  /** Indexes into the samples as given. */
  members: number[]
  /** The gateway decided about all of them between `from` and `to`. */
  from: number
  to: number
  /** It saw the ends of those let in between these; equal to `from` and `to` where none was. */
  endFrom: number
  endTo: number
  admitted: number
  refused: number
  /** Of each one: prompt tokens, and prompt with the reservation for the answer. */
  prompt: number
  asked: number
  /** All that were let in and ended by themselves: how many, and the tokens of their answers. */
  finished: number
  completion: number
  /** All that were let in and hung up: how many, and the fewest tokens that were made for them. */
  hungUp: number
  heard: number
  stream: boolean
}

export interface Groups {
  list: Group[]
  /**
   * Indexes of the groups whose outcome says something: of polls that were refused one after the other, with nothing
   * let in or ending between, the first and the last ones say all.
   */
  telling: number[]
  /** Spread of the network's round trips, ms: the least is taken off, it only shifts the clock. */
  jitter: number
  begin: number
  end: number
}

/** Sent within so many ms of each other counts as at once. */
const AT_ONCE = 5

export function tokensAsked({ promptTokens, maxTokens, maxCompletionTokens }: Sample): number {
  return promptTokens + Math.max(maxTokens, maxCompletionTokens ?? 0)
}

/** `chosen`: indexes into `samples`; `counts`: whether the outcome of one counts, or only what it took. */
export function groups(
  samples: readonly Sample[],
  chosen: readonly number[],
  counts: (sample: Sample) => boolean = () => true,
): Groups {
  const order = chosen.toSorted((a, b) => samples[a]!.sentAt - samples[b]!.sentAt)
  const { least, most } = roundTrips(order.map((i) => samples[i]!))
  const half = least / 2
  const open = new Map<string, { sentAt: number; group: Group }>()
  const list: Group[] = []
  for (const [n, i] of order.entries()) {
    const sample = samples[i]!
    const { sentAt, firstAt, endedAt, admitted, stream, promptTokens } = sample
    const asked = tokensAsked(sample)
    const name = `${promptTokens},${asked},${stream},${counts(sample)}`
    let found = open.get(name)
    if (!found || sentAt - found.sentAt > AT_ONCE) {
      found = { sentAt, group: empty(sentAt + half, promptTokens, asked, stream) }
      open.set(name, found)
      list.push(found.group)
    }
    const { group } = found
    group.members.push(i)
    // The first call may be slow for reasons of its own: its way there is unknown.
    const reply = (firstAt ?? endedAt) - half
    const latest = admitted && n > 0 ? Math.min(reply, sentAt + most - half) : reply
    group.to = Math.max(group.to, latest, group.from)
    if (admitted) take(group, sample, most - half, half)
    else group.refused++
  }
  for (const group of list) if (group.admitted === 0) [group.endFrom, group.endTo] = [group.from, group.to]
  list.sort((a, b) => a.from + a.to - b.from - b.to)
  const first = list[0]
  const end = list.reduce((last, group) => Math.max(last, group.endTo, group.to), 0)
  return {
    list,
    telling: telling(list).filter((g) => counts(samples[list[g]!.members[0]!]!)),
    jitter: most - least,
    begin: first?.from ?? 0,
    end,
  }
}

function telling(list: readonly Group[]): number[] {
  let running = Number.NEGATIVE_INFINITY
  return [...list.keys()].filter((g) => {
    const group = list[g]!
    const before = running
    running = Math.max(running, group.endTo)
    const alike = (other: Group | undefined): boolean =>
      other?.admitted === 0 && other.prompt === group.prompt && other.asked === group.asked
    return !(
      group.admitted === 0 &&
      [g - 2, g - 1, g + 1, g + 2].every((near) => alike(list[near])) &&
      before < group.from
    )
  })
}

function take(group: Group, sample: Sample, way: number, half: number): void {
  const { endedAt, completionTokens, cancelledAfter } = sample
  group.admitted++
  const [from, to] =
    cancelledAfter === undefined ? [endedAt - way, endedAt - half] : [endedAt + half, endedAt + way]
  group.endFrom = Math.min(group.endFrom, Math.max(group.from, from))
  group.endTo = Math.max(group.endTo, to)
  if (cancelledAfter === undefined) {
    group.finished++
    group.completion += completionTokens
  } else {
    group.hungUp++
    group.heard += completionTokens
  }
}

function empty(at: number, prompt: number, asked: number, stream: boolean): Group {
  const counts = { admitted: 0, refused: 0, finished: 0, completion: 0, hungUp: 0, heard: 0 }
  const ends = { endFrom: Number.POSITIVE_INFINITY, endTo: Number.NEGATIVE_INFINITY }
  return { members: [], from: at, to: at, ...ends, prompt, asked, stream, ...counts }
}

/** Refusals take no thinking: they show the network, outliers left out. Without them the quicker replies must do. */
function roundTrips(samples: readonly Sample[]): { least: number; most: number } {
  const rising = (list: readonly Sample[]) =>
    list.map(({ sentAt, firstAt, endedAt }) => (firstAt ?? endedAt) - sentAt).sort((a, b) => a - b)
  const refused = rising(samples.filter(({ admitted }) => !admitted))
  const all = rising(samples)
  if (refused.length < 5) return { least: 0, most: (all[Math.floor(all.length * 0.75)] ?? 0) + 1 }
  return {
    least: Math.min(refused[0]!, all[0]!),
    most: 1.1 * refused[Math.floor((refused.length - 1) * 0.98)]! + 2,
  }
}
