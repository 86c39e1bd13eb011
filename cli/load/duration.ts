/** Seconds in each unit that a duration may be written in. */
const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 }

/** Seconds of `500ms`, `30s`, `5m`, `1h`; undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const factor = SECONDS[unit]
  return number === undefined || factor === undefined ? undefined : Number(number) * factor
}

/** Seconds for a person: `45 s`, `5 min`, `1 h 30 min`. */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 120) return `${Math.round(seconds * 10) / 10} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`}`
}
