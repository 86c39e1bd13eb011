import { afterAll, describe, expect, test } from 'vitest'
import { openSession } from '../../cli/open-session.ts'
import { prepare } from '../../cli/prepare-run.ts'
import type { VerdictLine } from '../../reports/record/types.ts'

/**
 * `npm run suite -- -t usage-chunk`. The target comes from the environment: ASSAY_PROFILE, ASSAY_URL (without it the
 * embedded gateway), ASSAY_CONFIG, ASSAY_KEY. Only what the filter leaves is asked. Nothing is recorded: that is
 * `assay run`.
 */
const { ASSAY_PROFILE: profile, ASSAY_URL: url, ASSAY_CONFIG: config } = process.env
const run = await prepare({
  ...(profile === undefined ? {} : { profile }),
  ...(url === undefined ? {} : { url }),
  ...(config === undefined ? {} : { config }),
})
const gateway = await run.start()
const { session, close } = openSession({ ...run, ...gateway })

afterAll(async () => {
  await close()
  await gateway.close()
})

/** A fail is red; what has no answer is skipped by name, never green. */
function settle(line: VerdictLine, skip: (note: string) => void): void {
  if (line.verdict === 'skip' || line.verdict === 'inconclusive') skip(`${line.verdict}: ${line.message}`)
  expect(line.findings.filter((found) => found.by !== 'observe' && line.verdict === 'fail')).toEqual([])
  expect(line.verdict).toMatch(/^(pass|warn)$/)
}

for (const { dialect, checks, rules } of session.selected) {
  describe(dialect.id, () => {
    for (const id of checks.keys()) {
      test.concurrent(id, async ({ skip }) => settle(await session.verdict(id), skip))
    }
    describe('rules, over what the checks above asked', () => {
      for (const { id } of rules) {
        test(id, ({ skip }) => {
          const line = session.judgeRules().find((one) => one.id === id)
          if (line !== undefined) settle(line, skip)
        })
      }
    })
  })
}
