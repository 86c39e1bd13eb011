import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { VerdictLine } from '../reports/record/types.ts'
import { UsageError } from './usage.ts'

/** A check that is known to fail, and why it may. */
export interface KnownFailure {
  id: string
  reason?: string
}

/**
 * Reads a list of known failures. YAML or JSON: a list of ids, of `{ id, reason }`, or an object `id: reason`.
 * Text, whatever the file is called: one id a line, `#` begins a comment, what follows the id is the reason.
 */
export function readBaseline(file: string): KnownFailure[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--baseline ${file}: ${(error as Error).message}`)
  }
  const named = /\.(?:ya?ml|json)$/i.test(file)
  const entries = named && !isPlain(text) ? structured(text, file) : plain(text)
  const seen = new Set<string>()
  for (const { id } of entries) {
    if (seen.has(id)) throw new UsageError(`--baseline ${file}: ${id} is listed twice`)
    seen.add(id)
  }
  return entries
}

/** Whether every line is an id, perhaps with a reason: then it is a text, whatever the file is called. */
function isPlain(text: string): boolean {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const told = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return told.length > 0 && told.every((line) => /^[a-z][a-z0-9-]*(?:\/[^\s:{}"',]+)+(?:\s.*)?$/.test(line))
}

function plain(text: string): KnownFailure[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [id = '', ...rest] = line.replace(/^-\s+/, '').split(/\s+/)
      const reason = rest.join(' ').replace(/^#\s*/, '')
      return reason === '' ? { id } : { id, reason }
    })
}

function structured(text: string, file: string): KnownFailure[] {
  let value: unknown
  try {
    value = parse(text) ?? []
  } catch (error) {
    throw new UsageError(`--baseline ${file}: ${(error as Error).message.split('\n')[0]}`)
  }
  if (Array.isArray(value)) return value.map((item) => entry(item, file))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([id, reason]) =>
      entry(typeof reason === 'string' ? { id, reason } : { id }, file),
    )
  }
  throw new UsageError(`--baseline ${file}: it must be a list of check ids`)
}

function entry(item: unknown, file: string): KnownFailure {
  if (typeof item === 'string') return { id: item }
  if (typeof item === 'object' && item !== null && 'id' in item && typeof item.id === 'string') {
    const reason = 'reason' in item && typeof item.reason === 'string' ? item.reason : undefined
    return reason === undefined ? { id: item.id } : { id: item.id, reason }
  }
  throw new UsageError(`--baseline ${file}: an entry is neither a check id nor { id, reason }`)
}

/** What a baseline makes of the verdicts: failures that it knows, and entries that are out of date. */
export interface BaselineOutcome {
  known: Set<string>
  stale: string[]
}

/**
 * An entry is stale where its check was judged and did not fail. A check that was not answered in this run says nothing
 * about its entry.
 */
export function applyBaseline(
  baseline: readonly KnownFailure[],
  lines: readonly VerdictLine[],
): BaselineOutcome {
  const verdicts = new Map(lines.map((line) => [line.id, line.verdict]))
  const known = new Set<string>()
  const stale: string[] = []
  for (const { id } of baseline) {
    const verdict = verdicts.get(id)
    if (verdict === 'fail') known.add(id)
    else if (verdict === 'pass' || verdict === 'warn') stale.push(id)
  }
  return { known, stale }
}

/** The same for the summary line, from which the reports know it. */
export function baselineMarks({ known, stale }: BaselineOutcome): { known?: string[]; stale?: string[] } {
  return { ...(known.size > 0 ? { known: [...known] } : {}), ...(stale.length > 0 ? { stale } : {}) }
}
