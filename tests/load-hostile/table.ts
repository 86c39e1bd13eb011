import { afterAll, expect, test } from 'vitest'
import type { Behaviour, Hostile } from '../../fixtures/hostile/server.ts'
import type { VerdictWord } from '../../reports/record/types.ts'
import { expectXml, UNPRINTABLE } from '../bad-input/sane.ts'
import { against, CANARY, type How, type Ran, run } from './run.ts'

/** One hostile server, and what a load run against it must come to. */
export interface Case {
  name: string
  /** What the server does, or the URL to go to where there is none. */
  server: Behaviour | string
  how?: How & { tls?: boolean; greet?: boolean; scheme?: 'http' | 'https' }
  /** Where the meter kept pace; where it did not, it is 3. */
  exit: number
  /** Verdicts by what follows `load/`, and what their messages say. */
  says?: Record<string, [VerdictWord, RegExp]>
  /** What a person is told on standard error. */
  complains?: RegExp
  /** `outcome` or `outcome (error)` of every row. */
  rows?: RegExp
  also?(ran: Ran, server: Hostile | undefined): void
}

/** MiB that no answer, however large, may make the command line or the engine need. */
const MOST_MEMORY = { assay: 300, engine: 400 }

/** Runs `assay load` against each server, a few at a time, and looks at all that it leaves. */
export function judged(cases: readonly Case[]): void {
  const reports: Buffer[] = []

  test.concurrent.for(cases)(
    '$name',
    async ({ server: behaviour, how, exit, says = {}, complains, rows, also }) => {
      const { ran, server } =
        typeof behaviour === 'string'
          ? { ran: await run(behaviour, how), server: undefined }
          : await against(behaviour, how)
      const late = isSaturated(ran)
      expect({ status: ran.status, ...told(ran, says) }).toEqual({
        status: late ? 3 : exit,
        ...wanted(says, late),
      })
      if (complains) expect(ran.stderr).toMatch(complains)
      const ends = new Set(
        ran.rows.flatMap(({ outcome, error }) => (error === 'capped' ? [] : [endOf(outcome, error)])),
      )
      expect(ends.size).toBeGreaterThan(0)
      if (rows) for (const end of ends) expect(end).toMatch(rows)
      expectSane(ran)
      also?.(ran, server)
      reports.push(ran.files.get('junit.xml')!)
    },
  )

  afterAll(() => expectXml(reports))
}

/** On a busy machine the meter may doubt itself: that is said, never taken for the gateway's fault, and exit 3. */
export function isSaturated({ verdict }: Ran): boolean {
  return verdict('load/meter/saturated').verdict === 'error'
}

function endOf(outcome: unknown, error: unknown): string {
  return error === null ? String(outcome) : `${String(outcome)} (${String(error)})`
}

/** What holds after every run, whatever the other side did. */
export function expectSane(ran: Ran): void {
  const { status, record, stdout, stderr, files, judged: again } = ran
  expect([0, 1, 2, 3, 4]).toContain(status)
  expect(record.complete).toBe(true)
  expect(record.summary?.exit).toBe(status)
  expect(record.samples).toMatchObject({ complete: true })
  expect(
    record.verdicts.filter(({ id, verdict }) => verdict === 'error' && id !== 'load/meter/saturated'),
  ).toEqual([])
  expect(ran.verdict('load/meter/complete').verdict).toBe('pass')
  // Judged again, from the files alone: the same.
  expect(again.stdout).toContain(`all ${record.verdicts.length} verdicts agree with the record`)
  expect(again.status).toBe(status)
  expect(ran.peak.assay).toBeLessThan(MOST_MEMORY.assay)
  expect(ran.peak.engine).toBeGreaterThan(0)
  expect(ran.peak.engine).toBeLessThan(MOST_MEMORY.engine)
  for (const text of [stdout, stderr]) {
    expect(text).not.toMatch(UNPRINTABLE)
    expect(text).not.toMatch(/file:\/\/|\bat stop\b|\.[jt]s:\d/)
  }
  if (status !== 0) expect(stdout).not.toMatch(/\bHOLDS\b/)
  expect([...files.keys()].sort()).toEqual([
    'junit.xml',
    'k6.log',
    'order.json',
    'record.jsonl',
    'report.txt',
    'samples.jsonl',
    'summary.json',
  ])
  expectNoCanary(ran)
}

/** The key in none of the forms that hold it whole: as it stands, and in base64 at each of the three alignments. */
function expectNoCanary({ stdout, stderr, commands, files, judged: again }: Ran): void {
  const forms = [
    CANARY,
    ...[0, 1, 2].map((shift) =>
      Buffer.from('\0'.repeat(shift) + CANARY)
        .toString('base64')
        .slice(4, 40),
    ),
  ]
  expect(commands.length).toBeGreaterThan(1)
  const places: [string, string][] = [
    ['stdout', stdout],
    ['stderr', stderr],
    ['judge', again.stdout + again.stderr],
    ...commands.map((text): [string, string] => ['command line', text]),
    ...[...files].map(([name, bytes]): [string, string] => [name, bytes.toString('latin1')]),
  ]
  for (const [place, text] of places) {
    expect(forms.filter((form) => text.includes(form)).map(() => place)).toEqual([])
  }
}

function told({ verdict }: Ran, says: NonNullable<Case['says']>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(says).map((id) => {
      const { verdict: word, message } = verdict(`load/${id}`)
      return [id, `${word}: ${message}`]
    }),
  )
}

/** Time-outs accuse nobody where the meter was late itself, by a tenth of the deadline. */
function wanted(says: NonNullable<Case['says']>, late: boolean): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(says).map(([id, [word, message]]) => {
      const excused = late && word === 'fail' && /timeout/.test(message.source)
      const words = excused ? `${word}|inconclusive` : word
      return [id, expect.stringMatching(new RegExp(`^(?:${words}): .*(?:${message.source})`, 's'))]
    }),
  )
}
