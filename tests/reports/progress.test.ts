import { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { progress } from '../../reports/terminal/progress.ts'
import { verdict } from './sample.ts'

class Sink extends Writable {
  isTTY: boolean
  columns = 100
  text = ''
  constructor(isTTY: boolean) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }
  override _write(chunk: string, _: string, done: () => void): void {
    this.text += chunk
    done()
  }
}

const fail = verdict('a/b/c', { verdict: 'fail', message: 'broken \u001b[2J' })

describe('progress without a terminal', () => {
  test('is a line for each tenth and for each failing check', () => {
    const sink = new Sink(false)
    const live = progress(sink, { checks: 3, requests: 40 })
    for (let i = 0; i < 40; i++) live.exchange()
    live.verdict(verdict('a/b/b'))
    live.verdict(fail)
    live.verdict(verdict('a/b/r', { kind: 'rule', verdict: 'error', message: 'ours' }))
    live.stop()
    live.stop()
    live.verdict(fail)
    const lines = sink.text.trimEnd().split('\n')
    expect(lines.slice(0, 10)).toEqual(
      Array.from({ length: 10 }, (_, i) => `assay: ${(i + 1) * 10} %, ${(i + 1) * 4} of 40 requests`),
    )
    expect(lines.slice(10)).toEqual([
      'assay: FAIL a/b/c: broken \\u001b[2J',
      'assay: ERROR a/b/r: ours',
      'assay: 40 requests: 1 passed, 1 failed, 0 warned, 1 error of assay itself',
    ])
  })

  test('goes on beyond the plan without a word, and does without a plan', () => {
    const sink = new Sink(false)
    const live = progress(sink, { checks: 0, requests: 0 })
    for (let i = 0; i < 5; i++) live.exchange()
    live.stop()
    expect(sink.text).toBe('assay: 100 %, 1 of 1 request\nassay: 5 requests: 0 passed, 0 failed, 0 warned\n')
  })
})

describe('the last count', () => {
  test('takes what has no answer for neither passed nor failed', () => {
    const sink = new Sink(false)
    const live = progress(sink, { checks: 3, requests: 9 })
    live.exchange()
    live.verdict(verdict('a/b/b', { verdict: 'inconclusive' }))
    live.verdict(verdict('a/b/c', { verdict: 'skip', skip: { reason: 'blocked', by: 'a/b/b' } }))
    live.verdict(verdict('a/b/r', { kind: 'rule', verdict: 'skip', skip: { reason: 'idle' } }))
    live.stop()
    expect(sink.text.trimEnd().split('\n').at(-1)).toBe(
      'assay: 1 request: 0 passed, 0 failed, 0 warned, 1 had nothing to judge, 2 have no answer',
    )
  })
})

describe('progress on a terminal', () => {
  test('is a bar with requests, checks and fails, and leaves nothing running', () => {
    const sink = new Sink(true)
    const live = progress(sink, { checks: 3, requests: 2 })
    for (let i = 0; i < 3; i++) live.exchange()
    live.verdict(verdict('a/b/b'))
    live.verdict(fail)
    live.stop()
    live.stop()
    live.exchange()
    const text = stripVTControlCharacters(sink.text)
    expect(text).toContain('0/2 requests · 0 passed · 0 failed')
    expect(text).toContain('3/3 requests · 1 passed · 1 failed')
    // Line wrapping and the cursor are never switched off: a kill would leave them so.
    expect(sink.text).not.toContain('\u001b[?')
  })
})
