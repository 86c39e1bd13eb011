/**
 * Reads the sample file of a limits run, which is k6's console: lines that are no JSON object at all are none of ours. A
 * line that was cut off (the last one) is left out; any other bad line is an error. The count of rows in the last line
 * tells whether all are there.
 */
import type { Sample } from '../infer/types.ts'

export interface LimitRow extends Sample {
  id: number
  part: 'plan' | 'probes'
  body?: string
  usage?: 'reported' | 'estimated'
}

export interface LimitSamples {
  rows: LimitRow[]
  /** The last line is there: nothing is missing. */
  whole: boolean
  stopped?: { why: string; message: string }
}

/** `file:line: what`. */
export class LimitSamplesUnreadable extends Error {
  override readonly name = 'LimitSamplesUnreadable'
}

type Fields = Record<string, unknown>

export function readLimitSamples(samples: string | Iterable<string>): LimitSamples {
  const lines = typeof samples === 'string' ? samples.split('\n') : [...samples]
  const read: LimitSamples = { rows: [], whole: false }
  const last = lines.findLastIndex((line) => line.trim() !== '')
  for (const [n, line] of lines.entries()) {
    if (line.trim() === '' || (n > 0 && !line.startsWith('{'))) continue
    const fields = fieldsOf(line)
    if (fields === undefined) {
      if (n === last && !line.endsWith('}')) continue
      throw new LimitSamplesUnreadable(`samples.jsonl:${n + 1}: this is no line of JSON`)
    }
    if (n === 0 && fields.schema !== 'assay/limit-samples/1')
      throw new LimitSamplesUnreadable(
        `samples.jsonl:1: the schema is ${JSON.stringify(fields.schema)}, not assay/limit-samples/1`,
      )
    if (fields.end !== undefined) ended(read, fields.end as Fields)
    else if ('sentAt' in fields) read.rows.push(row(fields, n + 1))
  }
  read.rows.sort((a, b) => a.sentAt - b.sentAt || a.id - b.id)
  return read
}

function fieldsOf(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}

function ended(read: LimitSamples, end: Fields): void {
  read.whole = end.rows === undefined || end.rows === read.rows.length
  if (end.stopped === true) read.stopped = { why: String(end.why), message: String(end.message) }
}

const NUMBERS = ['id', 'sentAt', 'endedAt', 'status', 'promptTokens', 'completionTokens', 'maxTokens']

function row(fields: Fields, line: number): LimitRow {
  const missing = NUMBERS.filter((name) => typeof fields[name] !== 'number')
  if (typeof fields.key !== 'string' || typeof fields.model !== 'string') missing.push('key, model')
  if (typeof fields.admitted !== 'boolean' || typeof fields.stream !== 'boolean')
    missing.push('admitted, stream')
  if (missing.length > 0)
    throw new LimitSamplesUnreadable(`samples.jsonl:${line}: no sample: ${missing.join(', ')} missing`)
  return fields as unknown as LimitRow
}
