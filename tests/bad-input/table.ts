import { afterAll, expect, test } from 'vitest'
import type { Behaviour, Hostile } from '../../fixtures/hostile/server.ts'
import type { VerdictWord } from '../../reports/record/types.ts'
import { against, type Config, type Ran, run } from './run.ts'
import { expectSane, expectXml } from './sane.ts'

/** One hostile server, and what a run against it must come to. */
export interface Case {
  name: string
  /** What the server does, or the URL to go to where there is none. */
  server: Behaviour | string
  how?: { tls?: boolean; greet?: boolean; scheme?: 'http' | 'https' }
  config?: Config
  /** In a process of its own. */
  own?: boolean
  /** MiB, where it is not 300. */
  memory?: number
  exit: number
  /** By the end of a check's or rule's id: its verdict, and what its message says. */
  says?: Record<string, [VerdictWord, RegExp]>
  /** On standard error. */
  complains?: RegExp
  also?(ran: Ran, server: Hostile | undefined): void
}

/**
 * Runs the command line against each server and looks at all that it leaves: those that need a process of their own (to
 * be measured, or because they might bring it down) a few at a time, the others one after another in this one.
 */
export function judged(cases: Case[]): void {
  const reports: Buffer[] = []

  async function judge({
    server: behaviour,
    how,
    config,
    memory,
    own = false,
    exit,
    says = {},
    complains,
    also,
  }: Case) {
    const { ran, server } =
      typeof behaviour === 'string'
        ? { ran: await run(behaviour, config, own), server: undefined }
        : await against(behaviour, config, { ...how, own })
    try {
      expect({ status: ran.status, ...told(ran, says) }).toEqual({ status: exit, ...wanted(says) })
      if (complains) expect(ran.stderr).toMatch(complains)
      expectSane(ran, memory)
      also?.(ran, server)
      reports.push(ran.files.get('junit.xml')!)
    } finally {
      ran.dispose()
    }
  }

  test.concurrent.for(cases.filter(({ own }) => own))('$name', judge)
  test.for(cases.filter(({ own }) => !own))('$name', judge)

  afterAll(() => expectXml(reports))
}

function told(ran: Ran, says: NonNullable<Case['says']>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(says).map((id) => [id, `${ran.verdict(id).verdict}: ${ran.verdict(id).message}`]),
  )
}

function wanted(says: NonNullable<Case['says']>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(says).map(([id, [verdict, message]]) => [
      id,
      expect.stringMatching(new RegExp(`^${verdict}: .*(?:${message.source})`, 's')),
    ]),
  )
}
