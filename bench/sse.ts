/**
 * Throughput of assay's event stream reader beside eventsource-parser: the same bytes, in the same reads, in one
 * process, in turn. Both keep every event until the stream ends, and each event's data is read once as a string.
 * Ours also keeps offsets, arrivals and problems.
 *
 * 32 MB come as streams of 256 KB (a long answer) and as one stream: there, keeping the events is most of the work,
 * and the garbage collector decides.
 *
 * The ratio is the median of the rounds'. Beside it stands that of processor time (of all threads, so that the
 * collector's count), which other work on the machine changes least, with its lowest round.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { SseReader } from '../suites/core/sse.ts'

const MEGABYTE = 1024 * 1024
const SIZE = 32 * MEGABYTE
const ROUNDS = 21

const asciiWords = ['The', ' wire', ' says', ' what', ' it', ' says', ',', ' and', ' no', ' more', '.', '\n']
const mixedWords = [...asciiWords, ' 你好', '，世界', ' naïve', ' 😀', '。']

/** Chat chunks as a gateway sends them, of `least` bytes or a little more. */
function body(words: readonly string[], least: number): Buffer {
  const events: string[] = []
  let size = 0
  for (let i = 0; size < least; i++) {
    const chunk = {
      id: 'chatcmpl-9f8e7d6c5b4a39281706',
      object: 'chat.completion.chunk',
      created: 1763769600,
      model: 'gateway-model-large',
      system_fingerprint: 'fp_44709d6fcb',
      choices: [
        { index: 0, delta: { content: words[i % words.length] }, logprobs: null, finish_reason: null },
      ],
    }
    const event = `data: ${JSON.stringify(chunk)}\n\n`
    events.push(event)
    size += Buffer.byteLength(event)
  }
  return Buffer.from(events.join(''))
}

/** Cuts into reads of 1 to 16 KB, the same each time. */
function cut(bytes: Buffer): Buffer[] {
  const reads: Buffer[] = []
  let seed = 42
  for (let pos = 0; pos < bytes.length; ) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    const length = 1024 + (seed % (15 * 1024))
    reads.push(bytes.subarray(pos, pos + length))
    pos += length
  }
  return reads
}

interface Reading {
  events: number
  characters: number
}

/** Reads one stream after the other and adds up. */
function all(streams: Buffer[][], one: (reads: Buffer[]) => Reading): Reading {
  const sum = { events: 0, characters: 0 }
  for (const reads of streams) {
    const { events, characters } = one(reads)
    sum.events += events
    sum.characters += characters
  }
  return sum
}

function ours(reads: Buffer[]): Reading {
  const reader = new SseReader()
  for (const [index, bytes] of reads.entries()) reader.push(bytes, index, index)
  const { events } = reader.end()
  return { events: events.length, characters: events.reduce((sum, { data }) => sum + data.length, 0) }
}

function theirs(reads: Buffer[]): Reading {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => events.push(event) })
  for (const bytes of reads) parser.feed(decoder.decode(bytes, { stream: true }))
  return { events: events.length, characters: events.reduce((sum, { data }) => sum + data.length, 0) }
}

/** Seconds that a reading took: on the clock, and of processor time. */
interface Cost {
  clock: number
  processor: number
}

function timed(read: () => Reading, expected: Reading): Cost {
  const before = process.cpuUsage()
  const start = process.hrtime.bigint()
  const got = read()
  const clock = Number(process.hrtime.bigint() - start) / 1e9
  const { user, system } = process.cpuUsage(before)
  if (got.events !== expected.events || got.characters !== expected.characters) {
    throw new Error(`${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`)
  }
  return { clock, processor: (user + system) / 1e6 }
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

/** What theirs costs in parts of ours, round by round: above 1 we are faster. */
function ratios(our: Cost[], their: Cost[], one: keyof Cost): number[] {
  return our.map((cost, i) => (their[i]?.[one] ?? 0) / cost[one])
}

function speed(costs: Cost[]): string {
  return (SIZE / MEGABYTE / median(costs.map(({ clock }) => clock))).toFixed(0)
}

function compare(name: string, streams: Buffer[][]): void {
  const expected = all(streams, theirs)
  const our: Cost[] = []
  const their: Cost[] = []
  timed(() => all(streams, ours), expected)
  timed(() => all(streams, theirs), expected)
  for (let round = 0; round < ROUNDS; round++) {
    // The order changes from round to round, so that neither always meets the other's garbage.
    const first = round % 2 === 0
    if (first) our.push(timed(() => all(streams, ours), expected))
    their.push(timed(() => all(streams, theirs), expected))
    if (!first) our.push(timed(() => all(streams, ours), expected))
  }
  const processor = ratios(our, their, 'processor')
  console.log(
    `sse, ${name}: assay ${speed(our)} MB/s, eventsource-parser ${speed(their)} MB/s, ` +
      `ratio ${median(ratios(our, their, 'clock')).toFixed(2)} (processor time ${median(processor).toFixed(2)}, ` +
      `lowest ${Math.min(...processor).toFixed(2)}; ${ROUNDS} rounds, ${expected.events} events)`,
  )
}

for (const [name, words] of [
  ['ASCII', asciiWords],
  ['mixed scripts', mixedWords],
] as const) {
  const stream = body(words, 256 * 1024)
  const streams = Array.from({ length: Math.ceil(SIZE / stream.length) }, () => cut(stream))
  compare(`${name}, streams of 256 KB`, streams)
  compare(`${name}, one stream of 32 MB`, [cut(body(words, SIZE))])
}
