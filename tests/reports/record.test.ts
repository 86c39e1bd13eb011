import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { formatLine, parseLine } from '../../reports/record/line.ts'
import { RecordUnreadable, readRecord } from '../../reports/record/read.ts'
import type { End, Exchange, JsonObject } from '../../reports/record/types.ts'
import { RecordRefused, RecordWriter } from '../../reports/record/write.ts'
import { EXCHANGES, exchange, RUN, SUMMARY, sampleLines, VERDICTS, verdict } from './sample.ts'

let root: string
let count = 0
beforeAll(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'assay-record-'))
})
afterAll(() => fs.rmSync(root, { recursive: true }))

/** A directory of its own, with these lines written. */
function written(lines = sampleLines()): { dir: string; file: string } {
  count += 1
  const dir = path.join(root, `run-${count}`)
  const writer = RecordWriter.create(dir)
  for (const line of lines) writer.write(line)
  writer.close()
  return { dir, file: writer.file }
}

const AT = '2026-11-22T02:00:00.000Z'
const time = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0))
const reads = fc.array(
  fc.record({ at: time, bytes: fc.uint8Array({ maxLength: 40 }).map((b) => new Uint8Array(b)) }),
  { maxLength: 8 },
)
const headers = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' })), {
  maxLength: 4,
})
const end = fc.oneof(
  fc.constantFrom<End>({ kind: 'complete' }, { kind: 'closed' }, { kind: 'hung-up' }),
  fc.record({ kind: fc.constantFrom('truncated' as const, 'reset' as const), detail: fc.string() }),
  fc.record({
    kind: fc.constant('timeout' as const),
    phase: fc.constantFrom('connect' as const, 'total' as const),
    ms: fc.nat(),
  }),
  fc.record({
    kind: fc.constant('limit' as const),
    limit: fc.constant('body-bytes' as const),
    max: fc.nat(),
  }),
  fc.record({ kind: fc.constant('unreachable' as const), code: fc.string(), detail: fc.string() }),
)
const plainExchange: fc.Arbitrary<Exchange> = fc
  .record({
    reads,
    headers,
    end,
    status: fc.nat(599),
    reused: fc.boolean(),
    retries: fc.nat(9),
    body: fc.string({ unit: 'binary' }),
  })
  .map(({ body, ...rest }) =>
    exchange('feed', {
      ...rest,
      request: { method: 'POST', url: 'https://x.test/', headers: rest.headers, body },
    }),
  )
const anyExchange = fc
  .record({
    outer: plainExchange,
    behind: fc.option(fc.array(plainExchange, { maxLength: 2 }), { nil: undefined }),
    earlier: fc.option(fc.array(plainExchange, { maxLength: 2 }), { nil: undefined }),
  })
  .map(({ outer, behind, earlier }) => ({
    ...outer,
    ...(behind ? { behind } : {}),
    ...(earlier ? { earlier } : {}),
  }))

describe('a line', () => {
  test('any exchange is the same after it was written and read', () => {
    fc.assert(
      fc.property(anyExchange, (x) => {
        const text = formatLine({ type: 'exchange', exchange: x })
        expect(text).not.toContain('\n')
        // Through bytes, as a file would: a lone surrogate must survive UTF-8.
        expect(parseLine(Buffer.from(text).toString())).toEqual({ type: 'exchange', exchange: x })
      }),
      { numRuns: 200 },
    )
  })

  test('every prefix of a line is told from a line', () => {
    const text = formatLine({ type: 'exchange', exchange: exchange('a', { reads: [] }) })
    for (let i = 0; i < text.length; i++) expect(() => parseLine(text.slice(0, i))).toThrow('not JSON')
  })

  test.each([
    ['{"type":"nonsense"}', 'unknown type "nonsense"'],
    ['{"type":"constructor"}', 'unknown type "constructor"'],
    ['[]', 'the line is not an object'],
    ['{"type":"resume"}', 'resume.at is undefined, not string'],
    [JSON.stringify({ ...RUN, schema: 'assay/record/9' }), 'this assay reads assay/record/1'],
    [JSON.stringify({ ...verdict('a'), verdict: 'green' }), 'unknown verdict green'],
    [JSON.stringify({ ...verdict('a'), findings: [{}] }), 'verdict.findings[0].id is undefined, not string'],
    [
      JSON.stringify({
        type: 'exchange',
        exchange: { ...exchange('a'), reads: { base64: 'AAAA', spans: [[0, 2]] } },
      }),
      'has 3 bytes, but its spans add up to 2',
    ],
  ])('%s is refused', (text, why) => {
    expect(() => parseLine(text)).toThrow(why)
  })
})

test.each<[string, (x: JsonObject) => void, string]>([
  [
    'a header without value',
    (x) => Object.assign(x, { headers: [['a']] }),
    'exchange.headers[0] is not [name, value]',
  ],
  ['an unknown end', (x) => Object.assign(x, { end: { kind: 'odd' } }), 'exchange.end.kind is odd'],
  ['no reads', (x) => delete x.reads, 'exchange.reads is undefined, not object'],
])('an exchange with %s is refused', (_, change, why) => {
  const line: { exchange: JsonObject } = JSON.parse(formatLine({ type: 'exchange', exchange: exchange('a') }))
  change(line.exchange)
  expect(() => parseLine(JSON.stringify(line))).toThrow(why)
})

describe('the schema', () => {
  const schema = JSON.parse(
    fs.readFileSync(new URL('../../schemas/record.schema.json', import.meta.url), 'utf8'),
  )
  const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true })
  formats.default(ajv)
  const validate = ajv.compile(schema)
  const invalid = (line: unknown) =>
    validate(line) ? [] : (validate.errors ?? []).map((e) => e.instancePath)

  test('holds for every written line', () => {
    const { file } = written([
      ...sampleLines(),
      { type: 'resume', at: AT },
      { type: 'resume', at: AT, allowUnproven: true },
    ])
    const lines = fs.readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(lines.length).toBe(sampleLines().length + 2)
    for (const line of lines) expect(invalid(JSON.parse(line))).toEqual([])
  })

  test('holds for any exchange', () => {
    fc.assert(
      fc.property(anyExchange, (x) => {
        expect(invalid(JSON.parse(formatLine({ type: 'exchange', exchange: x })))).toEqual([])
      }),
      { numRuns: 50 },
    )
  })

  test.each<[string, unknown]>([
    ['a misspelt key', { ...verdict('a'), verdikt: 'pass' }],
    ['an unknown verdict', { ...verdict('a'), verdict: 'green' }],
    [
      'an end without its detail',
      { type: 'exchange', exchange: { ...exchange('a'), end: { kind: 'reset' } } },
    ],
    ['reads that were not packed', { type: 'exchange', exchange: exchange('a') }],
    ['a run of another schema', { ...RUN, schema: 'assay/record/2' }],
    ['a line without type', {}],
  ])('fails on %s', (_, line) => {
    expect(invalid(line)).not.toEqual([])
  })
})

describe('a directory', () => {
  test('is read as it was written', async () => {
    const { dir } = written()
    const record = await readRecord(dir)
    expect(record.run).toEqual(RUN)
    expect([...record.exchanges.values()]).toEqual(EXCHANGES)
    expect(record.verdicts).toEqual(VERDICTS)
    expect(record.summary).toEqual(SUMMARY)
    expect(record.complete).toBe(true)
    expect(record).not.toHaveProperty('torn')
  })

  test('that holds a record is not written over', () => {
    const { dir, file } = written()
    const before = fs.readFileSync(file)
    expect(() => RecordWriter.create(dir)).toThrow(RecordRefused)
    expect(() => RecordWriter.create(dir)).toThrow(/already holds a record.*--resume/)
    expect(fs.readFileSync(file)).toEqual(before)
  })

  test('that cannot be made is told, also where the system lets one try for ever', () => {
    const file = path.join(root, 'no-directory')
    fs.writeFileSync(file, '')
    const linux = process.platform === 'linux' ? ['/proc/assay', '/proc/assay/below'] : []
    for (const place of [file, path.join(file, 'below'), ...linux]) {
      expect(() => RecordWriter.create(place)).toThrow(
        /nothing can be written to .*another directory \(--out\)/,
      )
    }
  })

  test('is refused before any work where that is certain', () => {
    const { dir } = written()
    expect(() => RecordWriter.assertPlace(dir)).toThrow(/already holds a record/)
    const file = path.join(root, 'a-file')
    fs.writeFileSync(file, '')
    expect(() => RecordWriter.assertPlace(path.join(file, 'below'))).toThrow(/is not a directory.*--out/)
    expect(() => RecordWriter.assertPlace(path.join(root, 'new', 'folder'))).not.toThrow()
    expect(fs.existsSync(path.join(root, 'new'))).toBe(false)
  })

  test('without a record cannot be resumed, and is not changed', () => {
    const dir = path.join(root, 'nothing')
    expect(() => RecordWriter.resume(dir, AT)).toThrow(RecordRefused)
    expect(fs.existsSync(dir)).toBe(false)
  })

  test('every line is in the file as soon as write returns', () => {
    const dir = path.join(root, 'flushed')
    const writer = RecordWriter.create(dir)
    let lines = 0
    for (const line of sampleLines()) {
      writer.write(line)
      lines += 1
      expect(fs.readFileSync(writer.file, 'utf8').split('\n').length - 1).toBe(lines)
    }
    writer.close()
    writer.close()
    expect(() => writer.write(SUMMARY)).toThrow('was closed')
  })

  test('a summary of an interrupted run is no complete record', async () => {
    const { dir } = written([RUN, { ...SUMMARY, exit: 130, interrupted: true }])
    expect((await readRecord(dir)).complete).toBe(false)
  })

  test('after a resume only later verdicts and summaries count, exchanges all', async () => {
    const { dir } = written()
    const writer = RecordWriter.resume(dir, AT)
    writer.write(verdict('openai-chat/reply/plain', { message: 'first' }))
    writer.write(verdict('openai-chat/reply/plain', { message: 'second' }))
    writer.close()
    const record = await readRecord(dir)
    expect(record.resumes).toEqual([{ type: 'resume', at: AT }])
    expect(record.verdicts.map((line) => line.message)).toEqual(['second'])
    expect(record.exchanges.size).toBe(EXCHANGES.length)
    expect(record.summary).toBeUndefined()
    expect(record.complete).toBe(false)
  })
})

describe('two writers of one record', () => {
  const lock = (dir: string, pid: number) => fs.writeFileSync(path.join(dir, 'record.lock'), `${pid}\n`)

  test('a record that another process writes is not resumed, and not changed', async () => {
    const dir = path.join(root, 'held')
    const writer = RecordWriter.create(dir)
    writer.write(RUN)
    expect(fs.readFileSync(path.join(dir, 'record.lock'), 'utf8')).toBe(`${process.pid}\n`)
    lock(dir, process.ppid)
    const before = fs.readFileSync(writer.file)
    expect(() => RecordWriter.resume(dir, AT)).toThrow(`is being written by process ${process.ppid}`)
    expect(fs.readFileSync(writer.file)).toEqual(before)
    // It is not ours to take away.
    writer.close()
    expect(fs.existsSync(path.join(dir, 'record.lock'))).toBe(true)
  })

  test.each([
    ['a process that is gone', '2147483646\n'],
    ['nobody', 'junk'],
  ])('what %s left behind does not hold it, and nothing is left at the end', (_, text) => {
    const dir = path.join(root, `left-${text.length}`)
    const writer = RecordWriter.create(dir)
    writer.write(RUN)
    writer.close()
    fs.writeFileSync(path.join(dir, 'record.lock'), text)
    RecordWriter.resume(dir, AT).close()
    expect(fs.readdirSync(dir)).toEqual(['record.jsonl'])
  })
})

describe('a write that fails half-way', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('closes the writer, so that nothing comes behind the fragment, and can be resumed', async () => {
    const dir = path.join(root, 'full')
    const writer = RecordWriter.create(dir)
    writer.write(RUN)
    const real = fs.writeSync
    let calls = 0
    vi.spyOn(fs, 'writeSync').mockImplementation((fd, data, offset) => {
      calls += 1
      if (calls > 2) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
      return real(fd, Buffer.from(data), offset ?? 0, 30)
    })
    expect(() => writer.write(verdict('a/b/c'))).toThrow('ENOSPC')
    vi.restoreAllMocks()
    expect(() => writer.write(SUMMARY)).toThrow(/was closed, because a write failed: ENOSPC/)
    expect((await readRecord(dir)).torn).toContain('an unfinished line of 60 bytes')
    RecordWriter.resume(dir, AT).close()
    expect(await readRecord(dir)).toMatchObject({ run: RUN, resumes: [{ at: AT }], complete: false })
  })

  test('a short write is not a failed one', async () => {
    const real = fs.writeSync
    vi.spyOn(fs, 'writeSync').mockImplementation((fd, data, offset) => {
      const bytes = Buffer.from(data)
      const from = offset ?? 0
      return real(fd, bytes, from, Math.min(97, bytes.length - from))
    })
    const { dir } = written()
    vi.restoreAllMocks()
    expect((await readRecord(dir)).verdicts).toEqual(VERDICTS)
  })
})

describe('a kill', () => {
  test('at any byte leaves a readable record that never reads as complete, and that can be resumed', async () => {
    const lines = [RUN, { type: 'exchange' as const, exchange: exchange('a', { reads: [] }) }, SUMMARY]
    const { file } = written(lines)
    const whole = fs.readFileSync(file)
    const afterRun = whole.indexOf('\n')
    const complete = whole.length - 1
    for (let cut = afterRun; cut < complete; cut += 37) {
      const dir = path.join(root, `cut-${cut}`)
      fs.mkdirSync(dir)
      fs.writeFileSync(path.join(dir, 'record.jsonl'), whole.subarray(0, cut))
      expect((await readRecord(dir)).complete).toBe(false)
      const writer = RecordWriter.resume(dir, AT)
      writer.write(SUMMARY)
      writer.close()
      const again = await readRecord(dir)
      expect(again.resumes.length).toBe(1)
      expect(again.complete).toBe(true)
      // Nothing that was recorded is lost, the fragment included.
      expect(fs.readFileSync(writer.file).subarray(0, cut)).toEqual(whole.subarray(0, cut))
    }
  })

  test('in the middle of a line is reported', async () => {
    const { dir, file } = written()
    fs.appendFileSync(file, '{"type":"verdict","id":"half')
    expect((await readRecord(dir)).torn).toMatch(
      /record\.jsonl:\d+: an unfinished line of 28 bytes was skipped/,
    )
    RecordWriter.resume(dir, AT).close()
    fs.appendFileSync(file, '{"type":"ex')
    RecordWriter.resume(dir, AT).close()
    const record = await readRecord(dir)
    expect(record.torn?.match(/unfinished/g)?.length).toBe(2)
    expect(record.resumes.length).toBe(2)
  })
})

describe('a damaged record is refused with file and line', () => {
  const damaged = (change: (lines: string[]) => string[]): string => {
    const { dir, file } = written()
    fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8').split('\n')).join('\n'))
    return dir
  }

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    ['junk between lines', (l) => l.toSpliced(2, 0, 'junk'), /record\.jsonl:3: not JSON/],
    ['an unknown line', (l) => l.toSpliced(1, 0, '{"type":"x"}'), /record\.jsonl:2: unknown type "x"/],
    ['no run line', (l) => l.slice(1), /record\.jsonl:1: the first line is exchange, not run/],
    ['two run lines', (l) => [l[0] ?? '', ...l], /record\.jsonl:2: a second run line/],
    ['nothing', () => [], /holds no run line/],
    ['only a fragment', (l) => [(l[0] ?? '').slice(0, 20)], /holds no run line.*unfinished line of 20 bytes/],
  ])('%s', async (_, change, message) => {
    const dir = damaged(change)
    await expect(readRecord(dir)).rejects.toThrow(RecordUnreadable)
    await expect(readRecord(dir)).rejects.toThrow(message)
  })

  test('a line beyond the bound', async () => {
    const { dir } = written()
    await expect(readRecord(dir, 600)).rejects.toThrow(/record\.jsonl:\d+: a line of more than 600 bytes/)
  })

  test('a missing file', async () => {
    await expect(readRecord(path.join(root, 'no'))).rejects.toThrow(
      /record\.jsonl: there is no such file; name/,
    )
  })
})
