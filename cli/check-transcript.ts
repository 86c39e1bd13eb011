import { readFileSync, statSync } from 'node:fs'
import { totalsOf } from '../reports/conclusion.ts'
import { dialectText } from '../reports/dialects.ts'
import type { RunRecord } from '../reports/record/read.ts'
import type { JsonObject, VerdictLine } from '../reports/record/types.ts'
import { failures } from '../reports/terminal/failures.ts'
import { styleFor, wantsColor } from '../reports/terminal/style.ts'
import { warnings } from '../reports/terminal/warnings.ts'
import type { Profile } from '../specs/types.ts'
import { Session } from '../suites/core/session.ts'
import { Recorded } from '../suites/core/source.ts'
import { dialects } from '../suites/dialects.ts'
import { EXIT } from './exit.ts'
import { openProfileOf } from './open-specs.ts'
import { noDialect } from './selection.ts'
import { complain, say } from './speak.ts'
import { readTranscript } from './transcript.ts'
import { assertKnown } from './unknown.ts'
import { UsageError } from './usage.ts'
import { version } from './version.ts'

/** `assay check-transcript FILE`: the standing rules of a dialect over bytes that somebody recorded. */
export async function checkTranscript(
  file: string,
  flags: { dialect: string; profile?: string },
): Promise<number> {
  assertKnown(
    'dialect',
    [flags.dialect],
    dialects.map((one) => one.id),
  )
  const { specs, profile } = openProfileOf(flags.dialect, flags.profile)
  const dialect = dialects.find((one) => one.id === flags.dialect)!
  const promise = profile.dialects[dialect.id]
  if (promise === undefined) throw new UsageError(noDialect(profile, dialect.id, specs))
  const exchange = readTranscript(bytesOf(file), {
    dialect: dialect.id,
    promise,
    model: profile.default_model,
  })
  const session = new Session({
    specs,
    profile,
    dialects: [dialect],
    options: {
      dialects: [dialect.id],
      model: profile.default_model,
      level: 'may',
      checks: [],
      suites: [],
      roles: { chosen: [], given: [] },
    },
    source: new Recorded(new Map()),
  })
  const view = dialect.view(exchange)
  const lines = session.selected.flatMap((part) => part.rules).map((rule) => session.judgeRule(rule, [view]))
  const record = transcriptRecord(lines, exchange, profile)
  const { stdout } = process
  const screen = {
    record,
    style: styleFor(wantsColor(stdout, process.env)),
    width: Math.max(60, Math.min(stdout.columns ?? 100, 120)),
    // No report.txt is written that could tell the rest.
    whole: true,
  }
  say(
    [
      ...failures(screen),
      ...warnings(screen),
      conclusion(lines, exchange.wire, `${dialectText(dialect.id, promise.version)}, profile ${profile.id}`),
    ].join('\n'),
  )
  const { fail, error } = record.summary!.totals
  if (error > 0) return EXIT.unreachable
  const unread = fail === 0 && !dialect.succeeded(view) && view.status < 400
  if (unread || lines.every((line) => line.verdict === 'skip')) {
    complain(
      `these bytes are neither a reply, nor a stream, nor an error of ${dialect.id}: nothing was judged`,
    )
    return EXIT.usage
  }
  return fail > 0 ? EXIT.fail : EXIT.ok
}

/** A transcript is one answer; reading more than this would only cost memory. */
const MOST_BYTES = 64 * 1024 * 1024

function bytesOf(file: string): Uint8Array {
  let bytes: Uint8Array
  try {
    const size = file === '-' ? 0 : statSync(file).size
    if (size > MOST_BYTES) throw new Error(`${size} bytes are more than a transcript of 64 MiB`)
    bytes = readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new UsageError(`${file === '-' ? 'standard input' : file}: ${unread(error as Error)}`)
  }
  if (bytes.length === 0) throw new UsageError(`${file === '-' ? 'standard input' : file} is empty`)
  return bytes
}

function unread({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  return code === 'EISDIR' ? 'is a directory, not a file' : message
}

function conclusion(lines: readonly VerdictLine[], wire: string, of: string): string {
  const { fail, warn, pass, error } = totalsOf(lines)
  const judged = fail + warn + pass + error
  const head = wire === 'body' ? ' It has no head, so status and headers were not judged.' : ''
  return (
    `${judged} ${judged === 1 ? 'rule' : 'rules'} judged the transcript: ${fail} failed, ${warn} warned, ${pass} passed (${of}).${head}` +
    ' The request is not part of it: what depends on the request was taken as asked for.'
  )
}

/** As much of a record as the screen needs. */
function transcriptRecord(
  lines: VerdictLine[],
  exchange: ReturnType<typeof readTranscript>,
  profile: Profile,
): RunRecord {
  const cost = { requests: 0, tokens: 0, seconds: 0 }
  return {
    run: {
      type: 'run',
      schema: 'assay/record/1',
      assay: version(),
      node: process.version,
      startedAt: exchange.startedAt,
      seed: 0,
      target: { url: exchange.request.url, embedded: false, dialects: [exchange.dialect], model: '' },
      profile: JSON.parse(JSON.stringify(profile)) as JsonObject,
      options: {},
      digests: { profile: '', schemas: '', checks: '' },
      plan: { checks: lines.length, requests: 0, tokens: 0 },
    },
    resumes: [],
    exchanges: new Map([[exchange.digest, exchange]]),
    verdicts: lines,
    summary: { type: 'summary', at: exchange.startedAt, totals: totalsOf(lines), cost, exit: 0 },
    complete: true,
  }
}
