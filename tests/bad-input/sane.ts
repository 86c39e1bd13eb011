import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import { CANARY, type Ran } from './run.ts'

/** MiB that no answer, however large, may make the command line need. */
const MOST_MEMORY = 300
/** What moves the cursor, colours, hides or turns text around. A line end is the one thing that a line needs. */
export const UNPRINTABLE = /[^\P{C}\n]|[\u2028\u2029]/u

/** What holds after every run, whatever the other side did. */
export function expectSane(ran: Ran, memory = MOST_MEMORY): void {
  const { status, record, stdout, stderr } = ran
  expect([0, 1, 2, 3, 4]).toContain(status)
  expect(record.complete).toBe(true)
  expect(record.summary?.exit).toBe(status)
  expect(record.verdicts.filter((line) => line.verdict === 'error')).toEqual([])
  expect(ran.differences).toEqual([])
  expect(ran.peak).toBeLessThan(memory)
  expect(stdout).not.toMatch(UNPRINTABLE)
  expect(stderr).not.toMatch(UNPRINTABLE)
  if (status !== 0) expect(stdout).not.toContain('CONFORMS')
  expect([...ran.files.keys()].sort()).toEqual(['junit.xml', 'record.jsonl', 'report.txt', 'summary.json'])
  const summary: unknown = JSON.parse(ran.files.get('summary.json')!.toString())
  expect(summary).toMatchObject({ exit: status, interrupted: false })
  expectNoCanary(ran)
}

/** The key in none of the forms that hold it whole: as it stands, and in base64 at each of the three alignments. */
function expectNoCanary(ran: Ran): void {
  const forms = [
    CANARY,
    ...[0, 1, 2].map((shift) =>
      Buffer.from('\0'.repeat(shift) + CANARY)
        .toString('base64')
        .slice(4, 40),
    ),
  ]
  const places: [string, string][] = [
    ['stdout', ran.stdout],
    ['stderr', ran.stderr],
    ['cmdline', ran.cmdline],
    ...[...ran.files].map(([name, bytes]): [string, string] => [name, bytes.toString('latin1')]),
    ...ran.exchanges.map(({ digest, reads }): [string, string] => [
      `body of ${digest}`,
      Buffer.concat(reads.map((read) => read.bytes)).toString('latin1'),
    ]),
  ]
  for (const [place, text] of places) {
    expect(forms.filter((form) => text.includes(form)).map(() => place)).toEqual([])
  }
}

/** Every text is well-formed XML, by a parser that is not ours: expat. One process for all. */
export function expectXml(texts: readonly Buffer[]): void {
  const script = `
import json, sys, xml.etree.ElementTree as tree
print(json.dumps([tree.fromstring(text).tag for text in json.load(sys.stdin)]))`
  const input = JSON.stringify(texts.map((text) => text.toString('utf8')))
  const tags: unknown = JSON.parse(execFileSync('python3', ['-c', script], { input, encoding: 'utf8' }))
  expect(tags).toEqual(texts.map(() => 'testsuites'))
}
