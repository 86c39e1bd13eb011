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
  /** MiB, where it is not 300. */
  memory?: number
  exit: number
  /** By the end of a check's or rule's id: its verdict, and what its message says. */
  says?: Record<string, [VerdictWord, RegExp]>
  /** On standard error. */
  complains?: RegExp
  also?(ran: Ran, server: Hostile | undefined): void
}

/** Runs the command line against each server, a few at a time, and looks at all that it leaves. */
export function judged(cases: Case[]): void {
  const reports: Buffer[] = []

  test.concurrent.each(cases)(
    '$name',
    async ({ name, server: behaviour, how, config, memory, exit, says, complains, also }) => {
      const { ran, server } =
        typeof behaviour === 'string'
          ? { ran: await run(behaviour, config), server: undefined }
          : await against(behaviour, config, how)
      try {
        if (process.env.SHOW)
          process.stderr.write(
            `# ${name}: exit ${ran.status}, ${Math.round(ran.peak)} MiB${ran.record.verdicts
              .filter((v) => v.verdict !== 'pass' && v.skip?.reason !== 'idle')
              .map((v) => `\n   ${v.verdict} ${v.id}: ${v.message.slice(0, 160)}`)
              .join('')}\n`,
          )
        expect({ status: ran.status, ...told(ran, says ?? {}) }).toEqual({
          status: exit,
          ...wanted(says ?? {}),
        })
        if (complains) expect(ran.stderr).toMatch(complains)
        expectSane(ran, memory)
        also?.(ran, server)
        reports.push(ran.files.get('junit.xml')!)
      } finally {
        ran.dispose()
      }
    },
  )

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
