import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { junitXml } from '../../reports/junit.ts'
import {
  EXCHANGES,
  finding,
  killedRecord,
  SUMMARY,
  sampleRecord,
  totalsOf,
  VERDICTS,
  verdict,
} from './sample.ts'

interface Element {
  tag: string
  attributes: Record<string, string>
  text: string
  children: Element[]
}

/** The XML through a parser that is not ours and that refuses what is not well-formed: expat. */
function parse(xml: string): Element {
  const script = `
import json, sys, xml.etree.ElementTree as tree
def walk(e): return dict(tag=e.tag, attributes=e.attrib, text=e.text or '', children=[walk(c) for c in e])
print(json.dumps(walk(tree.fromstring(sys.stdin.buffer.read()))))`
  return JSON.parse(execFileSync('python3', ['-c', script], { input: xml, encoding: 'utf8' }))
}

function find(element: Element, tag: string): Element[] {
  return [...(element.tag === tag ? [element] : []), ...element.children.flatMap((child) => find(child, tag))]
}

function cases(xml: string): Map<string, Element> {
  return new Map(find(parse(xml), 'testcase').map((e) => [e.attributes.name ?? '', e]))
}

const child = (element: Element | undefined) => element?.children[0]

describe('junit.xml', () => {
  const xml = junitXml(sampleRecord())

  test('has a suite for each dialect and subject, and one case for each verdict', () => {
    const root = parse(xml)
    expect(find(root, 'testsuite').map((e) => e.attributes.name)).toEqual([
      'assay',
      'openai-chat/reply',
      'openai-chat/stream',
      'openai-chat/errors',
      'http/framing',
      'openai-chat/headers',
      'openai-chat/tools',
      'access/keys',
      'openai-chat/fields',
    ])
    expect(cases(xml).size).toBe(VERDICTS.length + 1)
    const totals = totalsOf(VERDICTS)
    expect(root.attributes).toMatchObject({
      tests: String(VERDICTS.length + 1),
      failures: String(totals.fail),
      errors: '0',
      skipped: String(totals.skip + totals.inconclusive),
    })
  })

  test('tells each verdict so that only pass and warn read as passed', () => {
    const all = cases(xml)
    const at = (id: string) => child(all.get(id))
    expect(all.get('openai-chat/reply/plain')?.children).toEqual([])
    expect(at('openai-chat/headers/request-id')).toMatchObject({ tag: 'system-out' })
    expect(at('openai-chat/stream/usage-chunk')).toMatchObject({
      tag: 'failure',
      attributes: { type: 'must' },
    })
    expect(at('openai-chat/stream/usage-chunk')?.text).toContain('requirement OAI-CHAT-stream-usage (must)')
    expect(at('openai-chat/stream/usage-chunk')?.text).toContain('how to mend it: Send one extra chunk')
    expect(at('openai-chat/tools/parallel')).toMatchObject({ tag: 'skipped' })
    expect(at('openai-chat/tools/parallel')?.attributes.message).toMatch(/^inconclusive: The model never/)
    expect(at('openai-chat/tools/replay')?.attributes.message).toMatch(/^blocked: /)
    expect(at('access/keys/expired')?.attributes.message).toMatch(/^unavailable: /)
    expect(at('access/keys/free')?.attributes.message).toMatch(/^chosen: /)
    const error = child(
      cases(junitXml(sampleRecord([verdict('a/b/c', { verdict: 'error', message: 'ours' })], 3))).get(
        'a/b/c',
      ),
    )
    expect(error).toMatchObject({ tag: 'error', attributes: { message: 'ours', type: 'assay' } })
  })

  test('of a killed run has an error, although nothing failed', () => {
    const root = parse(junitXml(killedRecord([verdict('a/b/c')])))
    expect(root.attributes).toMatchObject({ errors: '1', failures: '0' })
    expect(find(root, 'error')[0]?.attributes.message).toBe('interrupted: 1 of 22 checks judged')
  })

  test('of an unproven run has a failure that names what is open; where that was allowed, none', () => {
    const lines = [verdict('a/b/c'), verdict('a/b/d', { verdict: 'inconclusive', message: 'no sign' })]
    const root = parse(junitXml(sampleRecord(lines, 4)))
    expect(root.attributes).toMatchObject({ failures: '1', errors: '0' })
    const [failure] = find(root, 'failure')
    expect(failure?.attributes.message).toBe('not proven: 1 must-level check or rule has no answer (exit 4)')
    expect(failure?.text).toBe('a/b/d')
    expect(parse(junitXml(sampleRecord(lines, 0))).attributes).toMatchObject({ failures: '0', errors: '0' })
  })

  test('takes a known failure for skipped, and a stale entry of the baseline for a failure', () => {
    const lines = [
      verdict('a/b/known', { verdict: 'fail', message: 'as ever' }),
      verdict('a/b/stale'),
      verdict('a/b/new', { verdict: 'fail', message: 'new' }),
    ]
    const record = sampleRecord(lines)
    record.summary = { ...SUMMARY, known: ['a/b/known'], stale: ['a/b/stale'] }
    const all = cases(junitXml(record))
    expect(child(all.get('a/b/known'))).toMatchObject({
      tag: 'skipped',
      attributes: { message: 'known failure: as ever' },
    })
    expect(child(all.get('a/b/stale'))).toMatchObject({ tag: 'failure', attributes: { type: 'baseline' } })
    expect(child(all.get('a/b/new'))).toMatchObject({ tag: 'failure', attributes: { message: 'new' } })
  })

  test('gives seconds on the wire, each exchange once', () => {
    const ids = EXCHANGES.map(({ digest }) => digest)
    const lines = [
      verdict('a/b/rule', { kind: 'rule', exchanges: ids }),
      verdict('a/b/c', { exchanges: ids.slice(0, 2) }),
      verdict('a/b/d', { exchanges: ids }),
    ]
    const all = cases(junitXml(sampleRecord(lines)))
    expect([...all].map(([id, e]) => [id, Number(e.attributes.time)])).toEqual([
      ['run finished', 0],
      ['a/b/rule', 0],
      ['a/b/c', 0.243],
      ['a/b/d', 0.122],
    ])
  })

  test('of a run that judged nothing has an error', () => {
    expect(parse(junitXml(sampleRecord([], 2))).attributes.errors).toBe('1')
    const skip = verdict('a/b/c', { verdict: 'skip', skip: { reason: 'blocked' } })
    const unreachable = parse(junitXml(sampleRecord([skip], 3)))
    expect(find(unreachable, 'error').map((e) => e.attributes.message)).toEqual([
      'the target could not be reached (exit 3)',
    ])
  })

  test('is well-formed and shows escapes, whatever a gateway sends', () => {
    const hostile = '\u0000\u001b[31mred]]>&lt;<b a="\'">\ud800 \udfff\uffff\u202e\u0085\u2028\r\n\t\u{e0041}'
    const shown =
      '\\u0000\\u001b[31mred]]>&lt;<b a="\'">\\ud800 \\udfff\\uffff\\u202e\\u0085\\u2028\\r\\n\\t\\u{e0041}'
    const inText = shown.replace(']]>', ']]\\u003e')
    const over = { message: hostile, title: hostile, fix: hostile }
    const findings = [finding('x', { expected: hostile, got: hostile, why: hostile })]
    const words = ['pass', 'fail', 'warn', 'inconclusive', 'skip', 'error'] as const
    const record = sampleRecord(
      words.map((word) => verdict(`a/b/${word}${hostile}`, { ...over, verdict: word, findings })),
    )
    const all = cases(junitXml(record))
    expect([...all.keys()]).toEqual(['run finished', ...words.map((word) => `a/b/${word}${shown}`)])
    const fail = child(all.get(`a/b/fail${shown}`))
    expect(fail?.attributes.message).toBe(shown)
    expect(fail?.text).toContain(`got: ${inText}`)
    expect(child(all.get(`a/b/warn${shown}`))?.text).toContain(`warning: ${inText}`)
    expect(child(all.get(`a/b/skip${shown}`))?.text).toContain(inText)
  })
})
