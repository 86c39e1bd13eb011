/** One line of `record.jsonl`: a RecordLine as JSON text, and back. Lossless; the bytes of reads are base64. */
import { checkFigures, checkOrder } from './load-line.ts'
import { BadLine, each, object, type Shape, shape } from './shape.ts'
import type { End, Exchange, RecordLine } from './types.ts'

export { BadLine } from './shape.ts'

export const RECORD_SCHEMA = 'assay/record/1'

/** Reads in a line: all bytes joined in one base64 text, then `[at, length]` of each read in turn. */
interface PackedReads {
  base64: string
  spans: [at: number, length: number][]
}

/** What must be there for a reader not to stumble. The full contract is `schemas/record.schema.json`. */
const SHAPES: Record<RecordLine['type'], Record<string, Shape>> = {
  run: {
    schema: 'string',
    assay: 'string',
    node: 'string',
    startedAt: 'string',
    seed: 'number',
    target: 'object',
    profile: 'object',
    options: 'object',
    digests: 'object',
    plan: 'object',
  },
  resume: { at: 'string' },
  exchange: { exchange: 'object' },
  samples: { file: 'string', sha256: 'string', bytes: 'number', lines: 'number', complete: 'boolean' },
  verdict: {
    id: 'string',
    kind: 'string',
    title: 'string',
    verdict: 'string',
    level: 'string',
    message: 'string',
    requirements: 'array',
    fix: 'string',
    findings: 'array',
    exchanges: 'array',
  },
  summary: { at: 'string', totals: 'object', cost: 'object', exit: 'number' },
}

const EXCHANGE: Record<string, Shape> = {
  digest: 'string',
  dialect: 'string',
  request: 'object',
  wire: 'string',
  status: 'number',
  headers: 'array',
  reads: 'object',
  end: 'object',
  leaks: 'array',
  startedAt: 'string',
  timing: 'object',
  reused: 'boolean',
  retries: 'number',
}
const TARGET: Record<string, Shape> = {
  url: 'string',
  embedded: 'boolean',
  dialects: 'array',
  model: 'string',
}
const PLAN: Record<string, Shape> = { checks: 'number', requests: 'number', tokens: 'number' }
const COST: Record<string, Shape> = { requests: 'number', tokens: 'number', seconds: 'number' }
const REQUIREMENT: Record<string, Shape> = { id: 'string', text: 'string', source: 'string', level: 'string' }
const FINDING: Record<string, Shape> = {
  id: 'string',
  by: 'string',
  expected: 'string',
  got: 'string',
  at: 'object',
}
const FIELD: Record<string, Shape> = { path: 'string', documented: 'string', observed: 'string' }
const VERDICTS: readonly string[] = ['pass', 'fail', 'warn', 'inconclusive', 'skip', 'error']

const ENDS: readonly string[] = [
  'complete',
  'closed',
  'truncated',
  'reset',
  'timeout',
  'limit',
  'unreachable',
  'garbled',
  'hung-up',
] satisfies End['kind'][]

/** One line of JSON, without the line end. */
export function formatLine(line: RecordLine): string {
  return JSON.stringify(line.type === 'exchange' ? { ...line, exchange: pack(line.exchange) } : line)
}

/** The line again. Throws BadLine: not JSON (`unfinished`-looking text included), or not a line that we know. */
export function parseLine(text: string): RecordLine {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new BadLine('not JSON')
  }
  const line = object(value, 'the line')
  const type = line.type
  if (typeof type !== 'string' || !Object.hasOwn(SHAPES, type)) {
    throw new BadLine(`unknown type ${JSON.stringify(type)?.slice(0, 80)}`)
  }
  const known = type as RecordLine['type']
  shape(line, SHAPES[known], known)
  if (known === 'exchange') return { type: 'exchange', exchange: unpack(line.exchange) }
  if (known === 'run') {
    if (line.schema !== RECORD_SCHEMA) {
      throw new BadLine(`schema ${JSON.stringify(line.schema)}; this assay reads ${RECORD_SCHEMA}`)
    }
    const { urls } = shape(line.target, TARGET, 'run.target')
    if (urls !== undefined) {
      for (const url of Object.values(object(urls, 'run.target.urls'))) {
        if (typeof url !== 'string') throw new BadLine('run.target.urls holds something that is no URL')
      }
    }
    shape(line.plan, PLAN, 'run.plan')
    if (line.load !== undefined) checkOrder(line.load)
  }
  if (known === 'summary') summary(line)
  if (known === 'verdict') verdict(line)
  return value as RecordLine
}

function summary(line: Record<string, unknown>): void {
  shape(line.cost, COST, 'summary.cost')
  if (line.load !== undefined) checkFigures(object(line.load, 'summary.load'))
  for (const key of ['known', 'stale']) {
    const ids = line[key]
    if (ids === undefined) continue
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
      throw new BadLine(`summary.${key} is not an array of ids`)
    }
  }
}

function verdict(line: Record<string, unknown>): void {
  if (!VERDICTS.includes(String(line.verdict))) throw new BadLine(`unknown verdict ${String(line.verdict)}`)
  each(line.requirements, REQUIREMENT, 'verdict.requirements')
  each(line.findings, FINDING, 'verdict.findings')
  for (const finding of line.findings as { at: unknown }[]) {
    shape(finding.at, { exchange: 'string', part: 'string' }, 'finding.at')
  }
  if (line.field !== undefined) shape(line.field, FIELD, 'verdict.field')
  if (line.skip !== undefined) shape(line.skip, { reason: 'string' }, 'verdict.skip')
}

function pack(exchange: Exchange): unknown {
  const { reads, behind, earlier, ...rest } = exchange
  const packed: PackedReads = {
    base64: Buffer.concat(reads.map((read) => read.bytes)).toString('base64'),
    spans: reads.map((read) => [read.at, read.bytes.length]),
  }
  return {
    ...rest,
    reads: packed,
    ...(earlier ? { earlier: earlier.map(pack) } : {}),
    ...(behind ? { behind: behind.map(pack) } : {}),
  }
}

function unpack(value: unknown): Exchange {
  const { reads, behind, earlier, ...rest } = shape(value, EXCHANGE, 'exchange')
  const request = shape(
    rest.request,
    { method: 'string', url: 'string', headers: 'array' },
    'exchange.request',
  )
  pairs(request.headers, 'exchange.request.headers')
  pairs(rest.headers, 'exchange.headers')
  const { kind } = shape(rest.end, { kind: 'string' }, 'exchange.end')
  if (!ENDS.includes(String(kind))) throw new BadLine(`exchange.end.kind is ${String(kind)}`)
  if (behind !== undefined && !Array.isArray(behind)) throw new BadLine('exchange.behind is not an array')
  if (earlier !== undefined && !Array.isArray(earlier)) throw new BadLine('exchange.earlier is not an array')
  const { base64, spans } = shape(
    reads,
    { base64: 'string', spans: 'array' },
    'exchange.reads',
  ) as unknown as {
    base64: string
    spans: unknown[]
  }
  const bytes = Buffer.from(base64, 'base64')
  let from = 0
  const unpacked = spans.map((span) => {
    if (
      !Array.isArray(span) ||
      typeof span[0] !== 'number' ||
      !Number.isSafeInteger(span[1]) ||
      span[1] < 0
    ) {
      throw new BadLine('exchange.reads.spans holds something that is not [at, length]')
    }
    const at: number = span[0]
    const length: number = span[1]
    from += length
    return { at, bytes: new Uint8Array(bytes.subarray(from - length, from)) }
  })
  if (from !== bytes.length) {
    throw new BadLine(`exchange.reads has ${bytes.length} bytes, but its spans add up to ${from}`)
  }
  // The shape was checked above; what it does not check is typed by the schema that the writer is tested against.
  const exchange = { ...rest, reads: unpacked } as unknown as Exchange
  if (behind) exchange.behind = behind.map(unpack)
  if (earlier) exchange.earlier = earlier.map(unpack)
  return exchange
}

function pairs(value: unknown, what: string): void {
  for (const [i, pair] of (value as unknown[]).entries()) {
    const [name, text] = Array.isArray(pair) ? (pair as unknown[]) : []
    if (typeof name !== 'string' || typeof text !== 'string')
      throw new BadLine(`${what}[${i}] is not [name, value]`)
  }
}
