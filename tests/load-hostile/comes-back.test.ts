import { beforeAll, expect, test } from 'vitest'
import { openProfile } from '../../cli/open-specs.ts'
import { startGateway } from '../../fixtures/gateway/gateway.ts'
import { BUILD_MS, engine } from '../load-cli/engine.ts'
import { CANARY, run } from './run.ts'
import { expectSane, isSaturated } from './table.ts'

beforeAll(async () => void (await engine()), BUILD_MS)

/** Looks again and again, as often as the rows are written out, until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50))
}

test('a gateway that dies in the middle and comes back', async () => {
  const { profile } = openProfile('openai')
  const options = { profile, keys: { default: CANARY }, pace: { first_ms: 20, tokens_per_s: 100 } }
  let gateway = await startGateway(options)
  try {
    const { port, url } = gateway
    // Bounded by requests, not by time: however slow the machine is, some are asked before, while, and after.
    const ran = await run(url, {
      load: { duration: '120s', caps: { requests: 40 } },
      async meanwhile({ samples }) {
        await until(() => samples().split('"finished"').length > 4)
        await gateway.close()
        await until(() => samples().includes('"connect-refused"'))
        gateway = await startGateway({ ...options, port })
      },
    })
    const ends = ran.rows.filter(({ error }) => error !== 'capped').map(({ outcome }) => outcome)
    expect(ends).toHaveLength(40)
    const [first, last] = [ends.indexOf('error'), ends.lastIndexOf('error')]
    expect(ends.slice(0, first)).toContain('finished')
    expect(ends.slice(last)).toContain('finished')
    const { verdict, message } = ran.verdict('load/invariants/finished')
    expect(verdict).toBe('fail')
    expect(message).toMatch(/error \(connect-refused\) \(.*connection refused\)/)
    expect(ran.verdict('load/invariants/cross-talk').verdict).toBe('pass')
    expect(ran.status).toBe(isSaturated(ran) ? 3 : 1)
    expect(ran.stderr).not.toContain('cannot reach')
    expectSane(ran)
  } finally {
    await gateway.close()
  }
})
