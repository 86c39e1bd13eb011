import fs from 'node:fs'
import path from 'node:path'
import { BadLine, parseLine } from './line.ts'
import type {
  Exchange,
  RecordLine,
  ResumeLine,
  RunLine,
  SamplesLine,
  SummaryLine,
  VerdictLine,
} from './types.ts'
import { RECORD_FILE } from './write.ts'

/** One run, as every report sees it. */
export interface RunRecord {
  run: RunLine
  resumes: ResumeLine[]
  exchanges: Map<string, Exchange>
  /** Of a load run: the file with its rows. */
  samples?: SamplesLine
  /** The last per id, in the order in which the ids came, since the run started or was last resumed. */
  verdicts: VerdictLine[]
  /** Absent where the run (or its last resumption) did not come to its end. */
  summary?: SummaryLine
  /** The run came to its end and nobody interrupted it. Only a complete record can read as conforming. */
  complete: boolean
  /** Where unfinished lines were skipped, for a person. */
  torn?: string
}

/** The exchange that a finding points at: one that was asked for, or a 429 that came before it (`<digest>.<n>`). */
export function exchangeAt(record: RunRecord, digest: string): Exchange | undefined {
  const [asked = ''] = digest.split('.')
  const exchange = record.exchanges.get(asked)
  return asked === digest ? exchange : exchange?.earlier?.find((one) => one.digest === digest)
}

/** The record cannot be read; the message begins with `file:line` where a line is to blame. */
export class RecordUnreadable extends Error {
  override name = 'RecordUnreadable'
}

/** Longest line that is read, in bytes: far above what the lab's own bound on bodies can give. */
const MAX_LINE = 256 * 1024 * 1024

/**
 * Reads `DIR/record.jsonl`. Holds one line of text at a time beside the result.
 *
 * Text that is no JSON is tolerated in two places only, where a kill can leave it: as the last line, and just before
 * a `resume` line. Anywhere else the file was damaged, and that is an error.
 */
export async function readRecord(dir: string, maxLine = MAX_LINE): Promise<RunRecord> {
  const file = path.join(dir, RECORD_FILE)
  let run: RunLine | undefined
  let summary: SummaryLine | undefined
  let samples: SamplesLine | undefined
  const resumes: ResumeLine[] = []
  const exchanges = new Map<string, Exchange>()
  let verdicts = new Map<string, VerdictLine>()
  const torn: string[] = []
  let pending: { number: number; size: number; why: string } | undefined

  for await (const { number, bytes } of lines(file, maxLine)) {
    const fail = (why: string) => new RecordUnreadable(`${file}:${number}: ${why}`)
    let line: RecordLine
    try {
      line = parseLine(bytes.toString('utf8'))
    } catch (error) {
      if (!(error instanceof BadLine)) throw error
      if (error.message !== 'not JSON') throw fail(error.message)
      if (pending) throw new RecordUnreadable(`${file}:${pending.number}: ${pending.why}`)
      pending = { number, size: bytes.length, why: error.message }
      continue
    }
    if (pending) {
      if (line.type !== 'resume') throw new RecordUnreadable(`${file}:${pending.number}: ${pending.why}`)
      torn.push(skipped(file, pending))
      pending = undefined
    }
    if (!run && line.type !== 'run') throw fail(`the first line is ${line.type}, not run`)
    switch (line.type) {
      case 'run':
        if (run) throw fail('a second run line: two records in one file cannot be told apart')
        run = line
        break
      case 'resume':
        resumes.push(line)
        verdicts = new Map()
        summary = undefined
        break
      case 'exchange':
        // Asked again after a resume: it stands where it was answered.
        exchanges.delete(line.exchange.digest)
        exchanges.set(line.exchange.digest, line.exchange)
        break
      case 'samples':
        samples = line
        break
      case 'verdict':
        verdicts.set(line.id, line)
        break
      case 'summary':
        summary = line
        break
    }
  }
  if (pending) torn.push(skipped(file, pending))
  if (!run)
    throw new RecordUnreadable(`${file}: holds no run line${torn.length ? ` (${torn.join('; ')})` : ''}`)
  return {
    run,
    resumes,
    exchanges,
    ...(samples ? { samples } : {}),
    verdicts: [...verdicts.values()],
    ...(summary ? { summary } : {}),
    complete: summary !== undefined && summary.interrupted !== true,
    ...(torn.length ? { torn: torn.join('; ') } : {}),
  }
}

/** Why a file cannot be opened, in words where it is an ordinary mistake. */
function unread({ code, message }: Error & { code?: unknown }): string {
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? 'there is no such file; name the directory of a run, which holds it'
    : message
}

function skipped(file: string, at: { number: number; size: number }): string {
  return `${file}:${at.number}: an unfinished line of ${at.size} bytes was skipped`
}

async function* lines(file: string, maxLine: number): AsyncGenerator<{ number: number; bytes: Buffer }> {
  let number = 1
  let held: Buffer[] = []
  let size = 0
  const take = (): Buffer => {
    const bytes = held.length === 1 ? held[0]! : Buffer.concat(held, size)
    held = []
    size = 0
    return bytes
  }
  const hold = (bytes: Buffer) => {
    size += bytes.length
    if (size > maxLine) throw new RecordUnreadable(`${file}:${number}: a line of more than ${maxLine} bytes`)
    held.push(bytes)
  }
  try {
    for await (const chunk of fs.createReadStream(file, {
      highWaterMark: 1 << 18,
    }) as AsyncIterable<Buffer>) {
      let from = 0
      for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
        hold(chunk.subarray(from, end))
        yield { number, bytes: take() }
        number += 1
        from = end + 1
      }
      if (from < chunk.length) hold(chunk.subarray(from))
    }
  } catch (error) {
    if (error instanceof RecordUnreadable) throw error
    if (error instanceof Error && 'code' in error) throw new RecordUnreadable(`${file}: ${unread(error)}`)
    throw error
  }
  if (size > 0) yield { number, bytes: take() }
}
