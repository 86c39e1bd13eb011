/** How exactly the limit is kept: over it under a burst, across the edges of windows, and how soon it opens again. */
import { labelled } from '../infer/findings/probes.ts'
import { Rounds } from '../infer/findings/rounds.ts'
import type { Inference, Sample } from '../infer/types.ts'

export interface Accuracy {
  /** Most that a burst was let in beyond the limit, as a share of it; absent: no burst was tried. */
  overshoot?: number
  /** Most that was let in within any span of one window, beyond the limit, as a share of it: 1 at the edge of fixed windows. */
  leakage?: number
  /** Median silence or asking after which it was open again, s. */
  recover_s?: number
}

const part = (value: number): number => Math.round(value * 1000) / 1000

export function accuracyOf(
  samples: readonly Sample[],
  aim: 'requests' | 'tokens',
  inference: Inference,
): Accuracy {
  const rounds = new Rounds({ samples, aim })
  const bursts = rounds.with('burst').map((n) => rounds.part(n, 'burst').least)
  const leak = leakage(samples, inference)
  const recover = recovery(samples)
  return {
    ...(bursts.length > 0 &&
      rounds.size > 0 && { overshoot: part(Math.max(0, Math.max(...bursts) / rounds.size - 1)) }),
    ...(leak !== undefined && { leakage: part(leak) }),
    ...(recover !== undefined && { recover_s: part(recover / 1000) }),
  }
}

function leakage(samples: readonly Sample[], { limit, window_s, charging }: Inference): number | undefined {
  if (window_s === undefined || charging === undefined || charging.when === 'end') return undefined
  const cost = ({ promptTokens, maxTokens, maxCompletionTokens = 0 }: Sample): number => {
    if (charging.what === 'request' || charging.what === 'chunk') return 1
    if (charging.what === 'prompt') return promptTokens
    return charging.what === 'prompt+max' ? promptTokens + Math.max(maxTokens, maxCompletionTokens) : 0
  }
  const [first] = samples
  const own = samples.filter(({ admitted, key, model, cancelledAfter }) => {
    const paid = cancelledAfter === undefined || charging.cancelled === true
    return admitted && paid && key === first?.key && model === first?.model
  })
  let [from, within, most] = [0, 0, 0]
  for (const sample of own) {
    within += cost(sample)
    // Sent at the earliest here, answered at the latest there: surely within one window.
    while (from < own.length && (own[from]?.sentAt ?? 0) < sample.endedAt - window_s * 1000) {
      within -= cost(own[from] as Sample)
      from++
    }
    most = Math.max(most, within)
  }
  return most === 0 ? undefined : Math.max(0, most / limit - 1)
}

function recovery(samples: readonly Sample[]): number | undefined {
  const all = labelled(samples)
  const times = all.flatMap(({ name, sample }, i) => {
    if (!sample.admitted || (name !== 'waited' && name !== 'polled')) return []
    const brim = all.slice(0, i).findLast((one) => one.name === 'fill' || one.name === 'size')
    return brim && !brim.sample.admitted ? [sample.sentAt - brim.sample.endedAt] : []
  })
  return times.toSorted((a, b) => a - b)[times.length >> 1]
}
