import { BadSample, type Cell, type Layout, layoutOf, shown } from './columns.ts'
import { eachLine, MAX_LINE, SamplesUnreadable } from './lines.ts'

export const SAMPLES_SCHEMA = 'assay/samples/1'

/** The first line. */
export interface SamplesHeader {
  run: string
  layout: Layout
  width: number
  /** Cores that the meter may use. */
  cpus: number
  kernel_stamps: boolean
  go?: string
  k6?: string
}

export type HistogramName = 'itl' | 'icl' | 'lag'

export interface HistogramLine {
  histogram: HistogramName
  phase: string
  model: string
  from_us: number
  to_us: number
  hdr: string
}

/** What the meter said of itself, once a second. Times in µs, of the second before `at_us`. */
export interface MeterLine {
  at_us: number
  cpu_us: number
  goroutines: number
  heap_bytes: number
  rss_bytes: number
  gc_pauses_us: number[]
  heartbeat: { max_us: number; p99_us: number; n: number }
  open: number
  clock_steps: number
  chunks: number
  coalesced_chunks: number
}

export interface DroppedLine {
  at_us: number
  planned_us: number
  why: string
  phase?: string
}

/** What a scenario says that no row can. */
export interface NoteLine {
  at_us: number
  name: string
  value: Record<string, unknown>
}

/** Memory of the process under test, where somebody watched it. */
export interface TargetLine {
  at_us: number
  rss_bytes: number
}

/** Takes the lines of a file in turn. A method may throw BadSample: the reader adds file and line. */
export interface SampleSink {
  header(header: SamplesHeader): void
  row(row: readonly Cell[]): void
  histogram(line: HistogramLine): void
  meter(line: MeterLine): void
  dropped(line: DroppedLine): void
  note(line: NoteLine): void
  target(line: TargetLine): void
}

/** How the file was. */
export interface SamplesFile {
  rows: number
  lines: number
  /** The last line is there, and nothing contradicts it. */
  complete: boolean
  /** The run was stopped before its time. */
  stopped: boolean
  /** Why it is not complete, for a person. */
  torn?: string
  /** Lines of a kind that is not known here. */
  unknown: number
}

/**
 * Reads a `samples.jsonl` of a stream scenario once, from front to back, in constant memory. Only the last line may be
 * broken, and only where it lacks its end: a kill leaves that. Throws SamplesUnreadable.
 */
export async function readSamples(file: string, sink: SampleSink, maxLine = MAX_LINE): Promise<SamplesFile> {
  let header: SamplesHeader | undefined
  let end: { rows: number; stopped: boolean } | undefined
  let torn: string | undefined
  const facts = { rows: 0, lines: 0, unknown: 0 }

  await eachLine(
    file,
    (text, number, ended) => {
      facts.lines = number
      const fail = (why: string) => new SamplesUnreadable(`${file}:${number}: ${why}`)
      let value: unknown
      try {
        value = JSON.parse(text)
      } catch {
        if (ended) throw fail(`not JSON: ${JSON.stringify(text.slice(0, 60))}`)
        torn = `${file}:${number}: an unfinished line of ${Buffer.byteLength(text)} bytes was skipped`
        return
      }
      try {
        if (header === undefined) {
          header = headerOf(value)
          sink.header(header)
        } else if (end !== undefined) throw new BadSample('a line after the one that says the end')
        else if (Array.isArray(value)) {
          if (value.length !== header.width) {
            throw new BadSample(`a row of ${value.length} values, and the header has ${header.width} columns`)
          }
          sink.row(value)
          facts.rows += 1
        } else {
          const line = objectOf(value, 'the line')
          if ('end' in line) end = endOf(line.end)
          else if (!special(line, sink)) facts.unknown += 1
        }
      } catch (error) {
        throw error instanceof BadSample ? fail(error.message) : error
      }
    },
    maxLine,
  )
  if (header === undefined) {
    throw new SamplesUnreadable(`${file}: holds no header${torn === undefined ? '' : ` (${torn})`}`)
  }
  if (torn === undefined && end === undefined) torn = 'the last line, which says the end, is not there'
  else if (torn === undefined && end?.rows !== facts.rows) {
    torn = `the end says ${end?.rows} rows, and there are ${facts.rows}`
  }
  return {
    ...facts,
    complete: torn === undefined,
    stopped: end?.stopped ?? false,
    ...(torn === undefined ? {} : { torn }),
  }
}

function headerOf(value: unknown): SamplesHeader {
  const line = objectOf(value, 'the first line')
  if (line.schema !== SAMPLES_SCHEMA) {
    throw new BadSample(`schema ${shown(line.schema)}; this assay reads ${SAMPLES_SCHEMA}`)
  }
  if (!Array.isArray(line.columns)) throw new BadSample('the header has no columns')
  return {
    run: typeof line.run === 'string' ? line.run : '',
    layout: layoutOf(line.columns),
    width: line.columns.length,
    cpus: count(line, 'cpus', 'the header'),
    kernel_stamps: line.kernel_stamps === true,
    ...(typeof line.go === 'string' ? { go: line.go } : {}),
    ...(typeof line.k6 === 'string' ? { k6: line.k6 } : {}),
  }
}

/** Hands a line that is no row to the sink; false: nobody knows its kind. */
function special(line: Record<string, unknown>, sink: SampleSink): boolean {
  if ('histogram' in line) {
    const { histogram } = line
    if (histogram !== 'itl' && histogram !== 'icl' && histogram !== 'lag') return false
    const [phase, model, hdr] = [text(line, 'phase'), text(line, 'model'), text(line, 'hdr')]
    const [from_us, to_us] = [count(line, 'from_us', 'histogram'), count(line, 'to_us', 'histogram')]
    sink.histogram({ histogram, phase, model, from_us, to_us, hdr })
  } else if ('meter' in line) sink.meter(meterOf(objectOf(line.meter, 'meter')))
  else if ('dropped' in line) {
    const dropped = objectOf(line.dropped, 'dropped')
    sink.dropped({
      at_us: count(dropped, 'at_us', 'dropped'),
      planned_us: count(dropped, 'planned_us', 'dropped'),
      why: text(dropped, 'why'),
      ...(typeof dropped.phase === 'string' ? { phase: dropped.phase } : {}),
    })
  } else if ('note' in line) {
    const note = objectOf(line.note, 'note')
    const value = objectOf(note.value ?? {}, 'note.value')
    sink.note({ at_us: count(note, 'at_us', 'note'), name: text(note, 'name'), value })
  } else if ('target' in line) {
    const target = objectOf(line.target, 'target')
    sink.target({ at_us: count(target, 'at_us', 'target'), rss_bytes: count(target, 'rss_bytes', 'target') })
  } else return false
  return true
}

function meterOf(line: Record<string, unknown>): MeterLine {
  const number = (key: string) => count(line, key, 'meter')
  const heartbeat = objectOf(line.heartbeat, 'meter.heartbeat')
  const { gc_pauses_us: pauses } = line
  if (!Array.isArray(pauses) || !pauses.every((one) => Number.isFinite(one))) {
    throw new BadSample('meter.gc_pauses_us is not an array of numbers')
  }
  return {
    at_us: number('at_us'),
    cpu_us: number('cpu_us'),
    goroutines: number('goroutines'),
    heap_bytes: number('heap_bytes'),
    rss_bytes: number('rss_bytes'),
    gc_pauses_us: pauses as number[],
    heartbeat: {
      max_us: count(heartbeat, 'max_us', 'meter.heartbeat'),
      p99_us: count(heartbeat, 'p99_us', 'meter.heartbeat'),
      n: count(heartbeat, 'n', 'meter.heartbeat'),
    },
    open: number('open'),
    clock_steps: number('clock_steps'),
    chunks: number('chunks'),
    coalesced_chunks: number('coalesced_chunks'),
  }
}

function endOf(value: unknown): { rows: number; stopped: boolean } {
  const end = objectOf(value, 'end')
  return { rows: count(end, 'rows', 'end'), stopped: end.stopped === true }
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new BadSample(`${what} is ${shown(value)}, not an object`)
}

function text(line: Record<string, unknown>, key: string): string {
  const value = line[key]
  if (typeof value === 'string') return value
  throw new BadSample(`${key} is ${shown(value)}, not a string`)
}

function count(line: Record<string, unknown>, key: string, what: string): number {
  const value = line[key]
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new BadSample(`${what}: ${key} is ${shown(value)}, not a number`)
}
