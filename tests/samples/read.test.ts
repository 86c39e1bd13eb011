import fc from 'fast-check'
import { expect, test } from 'vitest'
import { COLUMNS } from '../../load/samples/columns.ts'
import { judgeSamples } from '../../load/samples/judge.ts'
import { readSamples, type SampleSink } from '../../load/samples/read.ts'
import { file, HEADER, histogram, judged, meter, note, order, row, rows, withFile, words } from './made.ts'

/** Judges a text as it is. */
const text = (content: string | Uint8Array) => withFile(content, (path) => judgeSamples(order(), path))

const failure = async (content: string | Uint8Array): Promise<string> => {
  try {
    await text(content)
  } catch (error) {
    if (error instanceof Error && error.name === 'SamplesUnreadable')
      return error.message.replace(/^.*?assay-samples-[^/]*\//, '')
    throw error
  }
  return 'read'
}

test('every row is counted, however the file is cut into reads', async () => {
  // More than one read of the file (1 MiB), so that rows lie across.
  const { figures } = await judged(rows(5000))
  expect(figures.stream?.file).toMatchObject({ rows: 5000, complete: true, stopped: false, unknown: 0 })
  expect(figures.stream?.headline.requests).toBe(5000)
})

test('columns are found by name, and more of them do no harm', async () => {
  const turned = { ...HEADER, columns: ['new', ...COLUMNS].reverse() }
  const lines = rows(10).map((line) => JSON.stringify([1, ...(JSON.parse(line) as unknown[])].reverse()))
  const { figures } = await text(file(lines, { header: turned }))
  expect(figures.stream?.headline.times.ttft?.p50).toBe(50)
})

test('a torn last line of a killed run is left out, and said', async () => {
  const whole = file(rows(10), { end: false })
  const result = await text(whole.slice(0, -40))
  expect(result.figures.stream?.file).toMatchObject({ rows: 9, complete: false })
  expect(result.figures.stream?.file.torn).toMatch(
    /samples\.jsonl:11: an unfinished line of \d+ bytes was skipped/,
  )
  expect(words(result)['load/meter/complete']).toBe('inconclusive')
})

test('a file without its end, or with rows missing, is not whole', async () => {
  const killed = await judged(rows(3), {}, {}, { end: false })
  expect(words(killed)['load/meter/complete']).toBe('inconclusive')
  const lines = file(rows(3)).split('\n')
  lines.splice(2, 1)
  const robbed = await text(lines.join('\n'))
  expect(robbed.figures.stream?.file.torn).toBe('the end says 3 rows, and there are 2')
  expect(words(await judged(rows(3)))['load/meter/complete']).toBe('pass')
})

test('a run that was stopped says so, and is whole', async () => {
  const stopped = file(rows(2)).replace('"stopped":false', '"stopped":true')
  expect((await text(stopped)).figures.stream?.file).toMatchObject({ complete: true, stopped: true })
})

test('lines of an unknown kind are counted, not refused', async () => {
  const { figures } = await judged([...rows(2), '{"weather":{"rain":true}}', note('whatever', { x: 1 })])
  expect(figures.stream?.file.unknown).toBe(1)
})

test.each([
  ['an empty file', '', /holds no header/],
  ['no header', `${row(1)}\n`, /^samples\.jsonl:1: the first line is/],
  ['another schema', '{"schema":"assay/samples/9"}\n', /:1: schema "assay\/samples\/9"/],
  [
    'a column that is missing',
    file([], { header: { ...HEADER, columns: COLUMNS.slice(1) } }),
    /:1: .*lack id/,
  ],
  [
    'a column twice',
    file([], { header: { ...HEADER, columns: [...COLUMNS, 'id'] } }),
    /:1: .*column id twice/,
  ],
  ['a row that is too short', file(['[1,2]']), /:2: a row of 2 values, and the header has 44 columns/],
  ['a word for a number', file([row(1, { ttft_us: 'soon' })]), /:2: ttft_us is "soon", not a number/],
  ['NaN', file([row(1).replace('50000', 'NaN')]), /:2: not JSON/],
  ['a number without bound', file([row(1).replace('50000', '1e999')]), /:2: ttft_low_us is Infinity/],
  ['an outcome that is none', file([row(1, { outcome: 'great' })]), /:2: outcome is "great"/],
  ['broken that is no list', file([row(1, { broken: 'x' })]), /:2: broken is "x", not an array/],
  ['a line in the middle that is no JSON', file([row(1), '[1,', row(2)]), /:3: not JSON/],
  ['a row behind the end', `${file(rows(1))}${row(2)}\n`, /:4: a line after the one that says the end/],
  [
    'a histogram that is none',
    file([histogram('itl', [1]).replace(/"hdr":"[^"]*"/, '"hdr":"AAAA"')]),
    /:2: hdr is no/,
  ],
  ['a meter line without a heartbeat', file([meter(1, { heartbeat: null })]), /:2: meter\.heartbeat is null/],
  ['a line of text', file(['"hello"']), /:2: the line is "hello", not an object/],
])('%s is refused with its line', async (_, content, expected) => {
  expect(await failure(content)).toMatch(expected)
})

test('a line without an end in sight is refused, not kept', async () => {
  const nothing: SampleSink = {
    header() {},
    row() {},
    histogram() {},
    meter() {},
    dropped() {},
    note() {},
    target() {},
  }
  const endless = `${file([], { end: false })}${'[1,'.repeat(2 ** 20)}`
  await expect(withFile(endless, (path) => readSamples(path, nothing, 2 ** 20))).rejects.toThrow(
    /:2: a line of more than 1048576 bytes/,
  )
  const inOneRead = `${file([], { end: false })}["${'x'.repeat(5000)}"]\n`
  await expect(withFile(inOneRead, (path) => readSamples(path, nothing, 4096))).rejects.toThrow(
    /:2: a line of more than 4096 bytes/,
  )
})

test('a histogram that unpacks to more than any of ours is refused', async () => {
  const { deflateSync } = await import('node:zlib')
  const packed = deflateSync(Buffer.alloc(64 << 20))
  const head = Buffer.alloc(8)
  head.writeInt32BE(0x1c849314, 0)
  head.writeInt32BE(packed.length, 4)
  const hdr = Buffer.concat([head, packed]).toString('base64')
  const line = JSON.stringify({
    histogram: 'itl',
    phase: 'main',
    model: 'm',
    from_us: 0,
    to_us: 1,
    count: 1,
    hdr,
  })
  expect(await failure(file([line]))).toMatch(/:2: hdr cannot be unpacked/)
})

test('no file is told in words', async () => {
  await expect(judgeSamples(order(), '/nowhere/samples.jsonl')).rejects.toThrow(/there is no such file/)
})

test('whatever is done to a file, it is read or refused, never anything else', async () => {
  const whole = Buffer.from(
    file([...rows(3), histogram('lag', [1, 2, 3]), meter(1), note('lane', { rate: 1 })]),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.nat(whole.length - 1),
      fc.integer({ min: 0, max: 255 }),
      fc.boolean(),
      async (at, byte, cut) => {
        const bytes = Buffer.from(cut ? whole.subarray(0, at) : whole)
        if (!cut) bytes[at] = byte
        // Throws where it ends in another way.
        expect(await failure(bytes)).toMatch(/^(read$|samples\.jsonl)/)
      },
    ),
    { numRuns: 60 },
  )
})
