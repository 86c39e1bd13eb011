import { describe, expect, test } from 'vitest'
import { dialectsOf } from '../../reports/dialects.ts'
import { junitXml } from '../../reports/junit.ts'
import type { RunRecord } from '../../reports/record/read.ts'
import type { FieldFate, RunLine } from '../../reports/record/types.ts'
import { summaryJson } from '../../reports/summary.ts'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { exchange, finding, RUN, sampleRecord, verdict } from './sample.ts'
import { expectSafe, flat } from './shown.ts'

const CHAT = 'openai-chat'
const MESSAGES = 'anthropic-messages'
const URLS = { [CHAT]: 'https://gateway.example.test/v1', [MESSAGES]: 'https://gateway.example.test' }

const BOTH: RunLine = {
  ...RUN,
  target: { ...RUN.target, urls: URLS, dialects: [CHAT, MESSAGES] },
  profile: {
    ...RUN.profile,
    dialects: {
      [CHAT]: { path: '/chat/completions', auth: { header: 'Authorization', scheme: 'Bearer' } },
      [MESSAGES]: {
        path: '/v1/messages',
        version: '2023-06-01',
        auth: { header: 'x-api-key', also: [{ header: 'Authorization', scheme: 'Bearer' }] },
      },
    },
  },
}
const field = (path: string, observed: FieldFate['observed']) => ({
  field: { path, documented: 'honoured' as const, observed },
})
const LINES = [
  verdict(`${CHAT}/plain/reply`),
  verdict(`${CHAT}/field/top_k/effect`, field('top_k', 'honoured')),
  verdict(`${MESSAGES}/plain/reply`),
  verdict(`${MESSAGES}/grammar/ping`, { kind: 'rule', verdict: 'skip', skip: { reason: 'idle' } }),
  verdict(`${MESSAGES}/field/top_k/effect`, { verdict: 'fail', ...field('top_k', 'ignored') }),
]

function record(lines = LINES): RunRecord {
  return { ...sampleRecord(lines), run: BOTH }
}

describe('the final screen of two dialects', () => {
  const screen = renderTerminal(record(), { color: false, width: 80 })

  test('tells at its top what was checked where, and in which version', () => {
    const head = screen.split('\n').slice(0, 6)
    expect(head).toEqual([
      'assay 0.1.0',
      'profile tokenhub-intl · openai-chat, anthropic-messages 2023-06-01 · model',
      'ref-large',
      'target https://gateway.example.test/v1 (openai-chat)',
      '       https://gateway.example.test (anthropic-messages)',
      'started 2026-11-22T01:38:00.000Z · seed 7',
    ])
    expectSafe(screen, 80)
  })

  test('adds up the whole and each', () => {
    const text = flat(screen)
    expect(text).toContain('verdicts in all: 3 passed, 1 failed, 0 warned, 1 had nothing to judge')
    expect(text).toContain('openai-chat: 2 passed, 0 failed, 0 warned')
    expect(text).toContain('anthropic-messages: 1 passed, 1 failed, 0 warned, 1 had nothing to judge')
  })

  test('has a table of fields for each: one name in two dialects is two fields', () => {
    expect(screen).toContain('── REQUEST FIELDS of openai-chat: 1, all as documented ─')
    expect(screen).toContain('── REQUEST FIELDS of anthropic-messages: 1, 1 not as documented ─')
    expect(screen.match(/│ top_k /g)).toHaveLength(2)
  })

  test('of one dialect says nothing twice', () => {
    const { urls: _, ...target } = BOTH.target
    const one = { ...BOTH, target: { ...target, dialects: [MESSAGES] } }
    const text = renderTerminal({ ...record(LINES.slice(2)), run: one }, { color: false, width: 100 })
    expect(text).toContain('anthropic-messages 2023-06-01 · model')
    expect(text).toContain('\ntarget https://gateway.example.test/v1\n')
    expect(text).toContain('── REQUEST FIELDS: 1, 1 not as documented ─')
    expect(text).not.toContain('in all')
  })
})

describe('where the key went is told where it is not as usual', () => {
  const asked = (dialect: string, headers: [string, string][]) => {
    const id = `${dialect}/access/key`
    const of = record([
      verdict(id, { verdict: 'fail', findings: [finding(id, { at: { exchange: 'x', part: 'body' } })] }),
    ])
    const request = { method: 'POST', url: 'https://g.test/v1/messages', headers, body: '{}' }
    of.exchanges.set('x', exchange('x', { dialect, request }))
    return /asked +(.*?) expected/.exec(flat(renderTerminal(of, { color: false })))?.[1]
  }

  test.each<[string, string, [string, string][], string]>([
    ['as usual', MESSAGES, [['X-Api-Key', '***']], ''],
    ['in another form', MESSAGES, [['authorization', '***']], ' (key in authorization)'],
    [
      'in both',
      MESSAGES,
      [
        ['authorization', '***'],
        ['x-api-key', '***'],
      ],
      ' (key in x-api-key and authorization)',
    ],
    ['in none', MESSAGES, [], ' (without a key)'],
    ['as usual, of the other dialect', CHAT, [['Authorization', '***']], ''],
    ['in a header that is none of its forms', CHAT, [['x-api-key', '***']], ' (without a key)'],
  ])('%s', (_, dialect, headers, told) => {
    expect(asked(dialect, headers)).toBe(`POST /v1/messages${told} {}`)
  })
})

describe('advice', () => {
  const advised = (dialect: string, status: number, url: string, body = '{}') => {
    const of = record([
      verdict(`${dialect}/plain/reply`, { verdict: 'inconclusive', message: 'refused', exchanges: ['x'] }),
    ])
    const reads = [{ at: 1, bytes: new Uint8Array(Buffer.from(`HTTP/1.1 ${status} X\r\n\r\n${body}`)) }]
    of.exchanges.set('x', exchange('x', { dialect, status, headers: [], reads, end: { kind: 'closed' } }))
    of.run = { ...BOTH, target: { ...BOTH.target, urls: { ...URLS, [dialect]: url } } }
    return flat(renderTerminal(of, { color: false, width: 120 }))
  }

  test('is about the address of the dialect that was refused', () => {
    expect(advised(MESSAGES, 401, 'https://gateway.example.test/claude')).toContain(
      'right for this address (https://gateway.example.test/claude)?',
    )
    expect(advised(MESSAGES, 404, 'https://g.test', '{"error":{"message":"no such model"}}')).toContain(
      'GET https://g.test/v1/models lists them',
    )
    expect(advised(CHAT, 404, 'https://g.test/v1', '{"error":{"message":"no such model"}}')).toContain(
      'GET https://g.test/v1/models lists them',
    )
  })

  test('knows a version that stands in the address and in the path', () => {
    expect(advised(MESSAGES, 404, 'https://g.test/claude/v1')).toContain(
      'ends in /v1, with which the path of the profile (/v1/messages) begins; leave it off: https://g.test/claude.',
    )
    expect(advised(MESSAGES, 404, 'https://g.test')).not.toContain('need /v1')
    expect(advised(CHAT, 404, 'https://g.test')).toContain('does the base URL need /v1 (https://g.test/v1)?')
  })
})

test('summary.json tells each dialect with its version, address and totals', () => {
  const summary = summaryJson(record())
  expect(summary.target.urls).toEqual(URLS)
  expect(summary.dialects).toEqual([
    {
      id: CHAT,
      url: URLS[CHAT],
      totals: { pass: 2, fail: 0, warn: 0, inconclusive: 0, skip: 0, error: 0 },
    },
    {
      id: MESSAGES,
      version: '2023-06-01',
      url: URLS[MESSAGES],
      totals: { pass: 1, fail: 1, warn: 0, inconclusive: 0, skip: 1, error: 0 },
    },
  ])
  expect(summary.fields.map(({ dialect, path }) => `${dialect} ${path}`)).toEqual([
    `${CHAT} top_k`,
    `${MESSAGES} top_k`,
  ])
})

test('junit has a suite for each dialect and subject, and tells addresses and version', () => {
  const xml = junitXml(record())
  const suites = [...xml.matchAll(/<testsuite name="([^"]*)"/g)].map((match) => match[1])
  expect(suites).toEqual([
    'assay',
    `${CHAT}/plain`,
    `${CHAT}/field`,
    `${MESSAGES}/plain`,
    `${MESSAGES}/grammar`,
    `${MESSAGES}/field`,
  ])
  expect(xml).toContain(`<property name="target ${MESSAGES}" value="${URLS[MESSAGES]}"/>`)
  expect(xml).toContain(`<property name="version ${MESSAGES}" value="2023-06-01"/>`)
})

test('an older record has one address and no version', () => {
  expect(dialectsOf(RUN)).toEqual([
    { id: CHAT, url: RUN.target.url, path: '', keyForms: [{ header: 'authorization', scheme: 'Bearer' }] },
  ])
})
