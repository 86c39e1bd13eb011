import type { Observation, Sample, Scope } from './types.ts'

/**
 * Per key, per model or shared: other keys and models that were asked while the examined one was shut. A sample counts
 * where our own next ones before and after it were refused.
 */
export function scopeOf(samples: readonly Sample[]): { per: Scope; evidence: Observation[] } {
  const sorted = samples.toSorted((a, b) => a.sentAt - b.sentAt)
  const [first] = sorted
  const seen = {
    model: [] as { index: number; admitted: boolean }[],
    key: [] as { index: number; admitted: boolean }[],
  }
  for (const [index, sample] of sorted.entries()) {
    const otherKey = sample.key !== first?.key
    const otherModel = sample.model !== first?.model
    if (otherKey === otherModel) continue
    const own = (list: readonly Sample[], near: number) =>
      list.find(
        ({ key, model, sentAt }) =>
          key === first?.key && model === first?.model && Math.abs(sentAt - near) < 2000,
      )
    const before = own(sorted.slice(0, index).reverse(), sample.sentAt)
    const after = own(sorted.slice(index + 1), sample.sentAt)
    if (before && after && !before.admitted && !after.admitted)
      seen[otherKey ? 'key' : 'model'].push({ index, admitted: sample.admitted })
  }
  if (seen.key.length === 0 || seen.model.length === 0) return { per: 'unknown', evidence: [] }
  const open = (list: { admitted: boolean }[]) =>
    list.filter(({ admitted }) => admitted).length > list.length / 2
  const [key, model] = [open(seen.key), open(seen.model)]
  const per: Scope = key ? (model ? 'key+model' : 'key') : model ? 'model' : 'shared'
  const said = (admitted: boolean) => (admitted ? 'let in' : 'refused')
  const text = `while the limit was reached, another key was ${said(key)} and another model was ${said(model)}`
  return {
    per,
    evidence: [{ id: 'scope', text, samples: [...seen.key, ...seen.model].map(({ index }) => index) }],
  }
}

/** Indexes of the samples that are counted together with the first one's: what was asked of other limits is left out. */
export function ownOf(samples: readonly Sample[], per: Scope): number[] {
  const first = samples.reduce<Sample | undefined>(
    (early, sample) => (early && early.sentAt <= sample.sentAt ? early : sample),
    undefined,
  )
  const anyKey = per === 'shared' || per === 'model'
  const anyModel = per === 'shared' || per === 'key'
  return [...samples.keys()].filter(
    (i) => (anyKey || samples[i]?.key === first?.key) && (anyModel || samples[i]?.model === first?.model),
  )
}
