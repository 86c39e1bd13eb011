import { distance } from 'fastest-levenshtein'

/** The candidate that a mistyped word most likely meant, or undefined where none is near. Case does not count. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: { candidate: string; away: number } | undefined
  const longer: string[] = []
  for (const candidate of candidates) {
    const away = distance(wanted, candidate.toLowerCase())
    if (best === undefined || away < best.away) best = { candidate, away }
    if (wanted.length >= 3 && candidate.toLowerCase().startsWith(wanted)) longer.push(candidate)
  }
  if (best !== undefined && best.away <= Math.min(4, Math.max(1, Math.floor(wanted.length * 0.4))))
    return best.candidate
  return longer.length === 1 ? longer[0] : undefined
}
