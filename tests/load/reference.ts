/**
 * Prints what the machines of the conformance side say of streams, as JSON lines: the reference that the machines of the
 * load engine are held to.
 *
 *     node tests/load/reference.ts grammar   each stream that is kept, and seeded mutations of them
 *     node tests/load/reference.ts sse       each vector, and seeded bytes, cut into reads
 *     node tests/load/reference.ts redact    canaries in every form, and what is left of them
 */
import { readFileSync } from 'node:fs'
import { maskBytes } from '../../reports/record/redact.ts'
import { grammarDocument } from '../../schemas/documents.ts'
import { type GrammarEvent, runGrammar } from '../../suites/core/grammar.ts'
import { readJson } from '../../suites/core/json.ts'
import { readSse } from '../../suites/core/sse.ts'
import { CANARY, CANARY_FORMS } from '../client/canary-forms.ts'
import { BROKEN_UTF8, FRAGMENTS, LINE_ENDS } from '../wire/pieces.ts'
import { mutated } from './mutations.ts'
import { Seeded } from './seeded.ts'
import { keptStreams, type NamedStream, type PlainEvent } from './streams.ts'

const MUTATIONS = 2000
const BYTE_STREAMS = 3000

/** As a view of the conformance side reads the data of an event. */
function asSeen({ type, data }: PlainEvent): GrammarEvent {
  return { type, data, json: data === '[DONE]' ? undefined : readJson(data).value }
}

async function* grammarLines(): AsyncGenerator<unknown> {
  const random = new Seeded(5)
  for (const [dialect, streams] of await keptStreams()) {
    const grammar = grammarDocument(dialect)
    const lineOf = ({ name, events, ended }: NamedStream) => {
      const found = runGrammar(grammar, events.map(asSeen), ended)
      const findings = found.map(({ rule, event, pointer = '' }) => ({ rule, event, pointer }))
      return { dialect, name, events, ended, findings }
    }
    for (const stream of streams) yield lineOf(stream)
    for (let n = 0; n < MUTATIONS; n++) yield lineOf(mutated(random, streams))
  }
}

const PIECES = [
  ...LINE_ENDS,
  ...FRAGMENTS,
  ...['data: a\n\n', 'event: x\ndata: b\r\n\r\n', 'data: a\rdata: b\r\r'],
].map((text) => Buffer.from(text))
const BROKEN = [...BROKEN_UTF8, ...['f0', 'f48f', 'f5808080', 'f4908080', 'e08080', 'f0808080', 'c1bf']].map(
  (hex) => Buffer.from(hex, 'hex'),
)

function byteStream(random: Seeded): Buffer {
  const pieces: Buffer[] = []
  for (let left = random.below(30); left > 0; left--) {
    pieces.push(random.of(random.below(6) === 0 ? BROKEN : PIECES))
  }
  return Buffer.concat(pieces)
}

interface Vector {
  input_b64?: string
  input_gen?: { text: string; repeat?: number }[]
}

function* sseLines(): Generator<unknown> {
  const random = new Seeded(7)
  const file = new URL('../vectors/sse-vectors.json', import.meta.url)
  const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }
  const inputs: Buffer[] = vectors.map(({ input_b64, input_gen = [] }) =>
    input_b64 === undefined
      ? Buffer.from(input_gen.map(({ text, repeat = 1 }) => text.repeat(repeat)).join(''))
      : Buffer.from(input_b64, 'base64'),
  )
  for (let n = 0; n < BYTE_STREAMS; n++) inputs.push(byteStream(random))
  for (const bytes of inputs) {
    const most = random.below(4) === 0 ? 1 + random.below(4) : 1_000_000
    const cuts = Array.from({ length: random.below(6) }, () => random.below(bytes.length + 1))
    cuts.sort((a, b) => a - b)
    const ends = [...cuts, bytes.length]
    const parts = ends.map((end, i) => ({ at: i, wire: 0, bytes: bytes.subarray(ends[i - 1] ?? 0, end) }))
    const read = readSse(parts, { most })
    yield {
      bytes: bytes.toString('base64'),
      cuts,
      most,
      events: read.events.map(({ type, data, lastEventId, start, end, part }) => ({
        type,
        data,
        id: lastEventId,
        start,
        end,
        read: part,
      })),
      problems: read.problems.map(({ rule, offset, length }) => ({ rule, offset, length })),
      comments: read.comments.length,
      lastEventId: read.lastEventId,
      retry: read.reconnectionTime ?? -1,
      eols: ['\n', '\r', '\r\n'].map((eol) => read.eols.has(eol)),
    }
  }
}

const CANARIES = [CANARY, 'sk-fake-0123456789abcdef', 'abcabcabcabc', 'Zażółć gęślą 🙂 jaźń']
const BODIES = 2000

function* redactLines(): Generator<unknown> {
  const random = new Seeded(11)
  for (let n = 0; n < BODIES; n++) {
    const secrets = CANARIES.filter(() => random.below(3) > 0)
    const pieces: Buffer[] = []
    for (let left = 1 + random.below(5); left > 0; left--) {
      const [, write] = random.of(CANARY_FORMS)
      const value = random.of(CANARIES)
      const whole = Buffer.from(write(value))
      const noise = Buffer.from(Array.from({ length: random.below(12) }, () => random.below(256)))
      // Sometimes a part only, and sometimes as part of a longer base64 text.
      if (random.below(4) === 0)
        pieces.push(Buffer.from(Buffer.concat([noise, Buffer.from(value)]).toString('base64')))
      else pieces.push(noise, random.below(4) === 0 ? whole.subarray(random.below(3)) : whole)
    }
    const bytes = Buffer.concat(pieces)
    const { reads } = maskBytes(
      [{ at: 0, bytes }],
      secrets.map((value) => ({ role: 'default' as const, value })),
    )
    const masked = Buffer.concat(reads.map((read) => read.bytes)).toString('base64')
    yield { name: `body ${n}`, secrets, bytes: bytes.toString('base64'), masked }
  }
}

const lines = { redact: redactLines, grammar: grammarLines, sse: sseLines }[process.argv[2] ?? '']
if (lines === undefined) {
  console.error('usage: reference.ts grammar|sse|redact')
  process.exitCode = 2
} else {
  for await (const line of lines()) process.stdout.write(`${JSON.stringify(line)}\n`)
}
