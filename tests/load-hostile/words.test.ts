import { describe, expect, test } from 'vitest'
import { nothingSentence } from '../../cli/load/told.ts'
import type { Result } from '../../load/scenarios/stream/drive/engine.ts'
import { Hopeless } from '../../load/scenarios/stream/drive/hopeless.ts'
import { Troubles } from '../../load/scenarios/stream/drive/troubles.ts'
import { judged, note, REFUSED, rows, SILENT } from '../samples/made.ts'

const result = (values: Partial<Result>): Result => ({
  id: 1,
  status: 200,
  outcome: 'finished',
  planned_us: null,
  start_us: 0,
  ttfb_us: null,
  ttft_us: null,
  ttfat_us: null,
  e2e_us: null,
  tpot_us: null,
  stall_us: null,
  tokens: null,
  completion_tokens: null,
  retry_after_s: null,
  broken: [],
  nonce: null,
  headers: {},
  ...values,
})
const reset = result({ outcome: 'cut-off', error: { class: 'reset', detail: 'by\r\n peer' } })

describe('the words of the first failure of each kind', () => {
  test('are told once, in one line', () => {
    const troubles = new Troubles()
    expect(troubles.tell(reset)).toEqual({
      row: 1,
      outcome: 'cut-off',
      error: 'reset',
      status: 200,
      said: 'by peer',
    })
    expect(troubles.tell({ ...reset, id: 2 })).toBeUndefined()
    expect(troubles.tell({ ...reset, outcome: 'error' })).toBeDefined()
  })

  test.each([
    [{ outcome: 'refused', status: 500, body: 'x'.repeat(1000) }, 'x'.repeat(300)],
    [{ outcome: 'refused', status: 302, headers: { Location: '/there' } }, 'to /there'],
    [{ outcome: 'unfinished', headers: { 'content-type': 'text/html' } }, 'the answer is text/html'],
  ] as const)('%j', (values, said) => {
    expect(new Troubles().tell(result(values))?.said).toBe(said)
  })

  test.each([
    {},
    { outcome: 'hung-up' },
    { outcome: 'stopped', error: { class: 'stopped', detail: 'the run ended' } },
    { outcome: 'error', error: { class: 'capped', detail: 'requests' } },
    { outcome: 'unfinished', headers: { 'content-type': 'text/event-stream; charset=utf-8' } },
  ] as const)('nothing to tell of %j', (values) => {
    expect(new Troubles().tell(result(values))).toBeUndefined()
  })

  test('a gateway that answers with a new status each time does not make us keep them all', () => {
    const troubles = new Troubles()
    const all = Array.from({ length: 400 }, (_, i) =>
      troubles.tell(result({ outcome: 'refused', status: 200 + i, body: 'no' })),
    )
    expect(all.filter((one) => one !== undefined)).toHaveLength(50)
  })

  test('stand in the verdict', async () => {
    const trouble = (values: object) => note('trouble', { row: 1, status: 0, ...values })
    const { verdicts } = await judged([
      ...rows(20),
      ...rows(3, () => ({ ...SILENT, error: 'garbled' }), 21),
      ...rows(1, () => ({ ...REFUSED, status: 500 }), 24),
      trouble({ outcome: 'error', error: 'garbled', said: 'no HTTP' }),
      trouble({ outcome: 'error', error: 'garbled', said: 'of another user' }),
      trouble({ outcome: 'refused', error: null, status: 500, said: 'boom' }),
    ])
    const message = (id: string) => verdicts.find((line) => line.id === id)?.message
    expect(message('load/invariants/finished')).toMatch(/: 3 error \(garbled\) \(the first: no HTTP\)$/)
    expect(message('load/invariants/refusals')).toBe('of 1 refusal: 500 once (boom)')
  })
})

test('a redirect from the first request on leaves no hope', () => {
  const hopeless = new Hopeless(2)
  const moved = result({ outcome: 'refused', status: 308, headers: { location: 'https://b.example/' } })
  expect(hopeless.tell(moved)).toBeUndefined()
  expect(hopeless.tell(moved)).toBe('refused 308: to https://b.example/')
})

const page = result({ outcome: 'unfinished', headers: { 'Content-Type': 'Text/HTML; charset=utf-8' } })
const noHttp = result({ outcome: 'error', status: 0, error: { class: 'garbled', detail: 'no HTTP' } })

test.each([
  [page, 'nonsense text/html'],
  [
    result({ outcome: 'unfinished', headers: { 'content-type': 'application/json' } }),
    'nonsense application/json',
  ],
  [result({ outcome: 'unfinished' }), 'nonsense untyped'],
  [noHttp, 'nonsense garbled no HTTP'],
])('the same nonsense twenty times leaves no hope, however few the streams (%#)', (one, why) => {
  const hopeless = new Hopeless(3)
  const told = Array.from({ length: 25 }, () => hopeless.tell(one))
  expect(told.flatMap((text, i) => (text === undefined ? [] : [[i, text]]))).toEqual([[19, why]])
})

test.each([
  result({}),
  result({ outcome: 'refused', status: 429 }),
  noHttp,
  result({ outcome: 'cut-off', error: { class: 'reset', detail: '' } }),
])('one other answer among pages, and there is hope (%#)', (other) => {
  const hopeless = new Hopeless(3)
  const told = Array.from({ length: 60 }, (_, i) => hopeless.tell(i === 10 ? other : page))
  expect(told.every((text) => text === undefined)).toBe(true)
})

test('event streams that never end are for the verdicts', () => {
  const hopeless = new Hopeless(3)
  const stream = result({ outcome: 'unfinished', headers: { 'content-type': 'text/event-stream' } })
  expect(Array.from({ length: 60 }, () => hopeless.tell(stream)).every((text) => text === undefined)).toBe(
    true,
  )
})

describe('a run in which nothing came to its end', () => {
  const said = (...refusals: [string, number][]) =>
    nothingSentence({ requests: 9, refusals: new Map(refusals) }, 'http://127.0.0.1:8080/v1/chat/completions')

  test.each([
    ['429', /limits of this key/],
    ['502', /its own log/],
    ['308', /not followed/],
    ['404', /base URL/],
    ['418', /assay run/],
    ['reset', /http:\/\/ and https:\/\//],
    ['total-timeout', /deadlines/],
    ['garbled', /assay run/],
    ['unfinished', /assay run/],
  ])('%s', (kind, advice) => {
    expect(said([kind, 9])).toMatch(/^none of 9 requests to 127\.0\.0\.1:8080 came to its end: /)
    expect(said([kind, 9])).toMatch(advice)
  })

  test('names the commonest first, and is advised by it', () => {
    expect(said(['reset', 1], ['503', 8])).toMatch(/: 503 8 times, reset once\. The gateway does not serve/)
  })
})
