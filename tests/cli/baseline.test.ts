import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { applyBaseline, readBaseline } from '../../cli/baseline.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { temporary } from './assay.ts'

function file(name: string, text: string): string {
  const made = path.join(temporary(), name)
  writeFileSync(made, text)
  return made
}

const WANTED = [{ id: 'a/b/c' }, { id: 'd/e/f', reason: 'ticket 7' }]

test.each([
  ['known.txt', '# known\na/b/c\n\n  d/e/f  ticket 7\r\n'],
  ['known.txt', 'a/b/c\nd/e/f # ticket 7'],
  ['known.yaml', '# plain lines\na/b/c\nd/e/f ticket 7\n'],
  ['known.json', 'a/b/c\nd/e/f ticket 7'],
  ['known.yaml', '- a/b/c\n- { id: d/e/f, reason: ticket 7 }\n'],
  ['known.yml', 'a/b/c:\nd/e/f: ticket 7\n'],
  ['known.json', '["a/b/c", {"id": "d/e/f", "reason": "ticket 7"}]'],
])('%s: %j', (name, text) => {
  expect(readBaseline(file(name, text))).toEqual(WANTED)
})

test.each([
  ['known.txt', 'a/b/c\na/b/c\n', 'listed twice'],
  ['known.yaml', '- 5\n', 'neither a check id'],
  ['known.yaml', 'just text', 'must be a list'],
  ['known.json', '[', 'known.json'],
])('%s with %j is wrong use', (name, text, told) => {
  expect(() => readBaseline(file(name, text))).toThrow(told)
})

test('a failure is known, a pass or warning makes the entry stale, no answer says nothing', () => {
  const line = (id: string, verdict: string) => ({ id, verdict }) as VerdictLine
  const lines = [
    line('f', 'fail'),
    line('p', 'pass'),
    line('w', 'warn'),
    line('i', 'inconclusive'),
    line('s', 'skip'),
    line('other', 'fail'),
  ]
  const entries = ['f', 'p', 'w', 'i', 's', 'absent'].map((id) => ({ id }))
  expect(applyBaseline(entries, lines)).toEqual({ known: new Set(['f']), stale: ['p', 'w'] })
})
