import { shownResponse } from '../record/body.ts'
import { exchangeAt } from '../record/read.ts'
import type { Exchange } from '../record/types.ts'
import { accusing } from './causes.ts'
import { heading, paragraph, plural, type Screen } from './screen.ts'
import { requestBytes } from './span.ts'
import { endText } from './wire.ts'

/** Exchanges that are written out; bytes of each part of one. The rest is in the record. */
const EXCHANGES = 300
const BYTES = 16 * 1024

/** The exchanges that the findings above point at, whole: what was sent and what came. One for each place in the order told. */
export function exchanges(screen: Screen): string[] {
  const { record } = screen
  const told = record.verdicts.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn')
  const digests = [
    ...new Set(
      told.flatMap((line) =>
        accusing(line)
          .slice(0, 3)
          .map(({ at }) => at.exchange),
      ),
    ),
  ]
  const found = digests.flatMap((digest) => exchangeAt(record, digest) ?? [])
  if (found.length === 0) return []
  const out = [heading(screen, `EXCHANGES NAMED ABOVE: ${found.length}`), '']
  for (const exchange of found.slice(0, EXCHANGES)) out.push(...whole(screen, exchange), '')
  if (found.length > EXCHANGES) {
    out.push(...paragraph(screen, `and ${found.length - EXCHANGES} more, in record.jsonl`), '')
  }
  return out
}

function whole(screen: Screen, exchange: Exchange): string[] {
  const { request, digest, startedAt, end, timing, retries } = exchange
  const { head, body, coding } = shownResponse(exchange)
  const again = retries > 0 ? `, sent again ${plural(retries, 'time')}` : ''
  const answer = coding ? [`(${plural(body.length, 'byte')}, coded: ${coding})`] : text(body)
  return [
    ...paragraph(screen, `exchange ${digest}, ${startedAt}${again}`, 0, Number.POSITIVE_INFINITY),
    ...block(screen, '>', [
      `${request.method} ${request.url}`,
      ...request.headers.map(([name, value]) => `${name}: ${value}`),
      '',
      ...text(requestBytes(exchange)),
      ...repeated(exchange),
    ]),
    ...block(screen, '<', [...text(head), ...answer]),
    ...paragraph(screen, `  after ${timing.ended.toFixed(0)} ms: ${endText(end)}`, 0),
  ]
}

function repeated({ request: { bodyRepeat } }: Exchange): string[] {
  if (bodyRepeat === undefined) return []
  return [`… then ${bodyRepeat.unit} ${bodyRepeat.times} times, then ${bodyRepeat.tail}`]
}

function text(bytes: Uint8Array): string[] {
  const lines = Buffer.from(bytes.subarray(0, BYTES)).toString().split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  return bytes.length > BYTES ? [...lines, `… ${plural(bytes.length - BYTES, 'more byte')}`] : lines
}

function block(screen: Screen, mark: string, lines: string[]): string[] {
  return lines.flatMap((line) =>
    paragraph(screen, line, 4).map((part, i) => `  ${i === 0 ? mark : ' '} ${part.slice(4)}`.trimEnd()),
  )
}
