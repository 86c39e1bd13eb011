import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LIMIT_SCENARIOS, STREAM_SCENARIOS } from '../../load/order.ts'
import { assay, temporary } from '../cli/assay.ts'
import { inside } from '../cli/inside.ts'
import { server } from '../cli/servers.ts'
import { shortConfig } from './short.ts'

test('a plan tells requests, tokens, peak rate, duration, caps and host, and sends nothing', async () => {
  const { url, requests } = await server((_, response) => response.end('{}'))
  const cwd = temporary()
  const args = ['load', 'latency', '--plan', '--url', url, '--rate', '2', '--duration', '10s']
  // Without a key, without an engine: a plan needs neither.
  const { status, stdout, stderr } = await assay(args, { cwd, env: { ASSAY_K6: '/nowhere' } })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain(`target     ${url}/chat/completions`)
  // 20 in 10 s, those of the warm-up, and three for calibration.
  expect(stdout).toMatch(/requests {3}2[67]\n/)
  expect(stdout).toMatch(/peak rate {2}at most 5 requests a second/)
  expect(stdout).toContain('constant: 2 requests a second')
  expect(stdout).toContain('caps')
  expect(requests).toHaveLength(0)
  expect(readdirSync(cwd)).toEqual([])
})

test('a plan for another machine says that it needs leave, and asks no name server', async () => {
  const plan = (...more: string[]) =>
    inside('load', 'latency', '--plan', '--url', 'https://gateway.invalid/v1', ...more)
  expect((await plan()).stdout).toContain('it has to be allowed: --i-may-load gateway.invalid')
  const allowed = await plan('--i-may-load', 'gateway.invalid')
  expect(allowed.stdout).not.toContain('it has to be allowed')
  expect(allowed.status).toBe(0)
})

test.each([...STREAM_SCENARIOS, ...LIMIT_SCENARIOS])('%s has a plan', async (scenario) => {
  const slo = [{ metric: 'ttft', quantile: 'p90', max_ms: 500 }]
  const config = shortConfig({ slo })
  const { status, stdout, stderr } = await inside('load', scenario, '--plan', '--config', config)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain(`load ${scenario}: `)
  expect(stdout).toMatch(/requests {2,}(at most )?[\d,]+\n/)
})
