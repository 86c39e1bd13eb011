import { expect, test } from 'vitest'
import { loadVerdicts } from '../../cli/load/verdicts.ts'
import { inside } from '../cli/inside.ts'

test('every question of load runs is listed and explained', async () => {
  const all = loadVerdicts()
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
  const { stdout, status } = await inside('list', 'load', '--json')
  expect(status).toBe(0)
  const listed = JSON.parse(stdout) as { id: string }[]
  expect(listed.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
  expect(listed.length).toBeGreaterThan(30)
  for (const { title, fix, asks } of all) for (const text of [title, fix, asks]) expect(text).not.toBe('')
})

test.each([
  'load/invariants/cross-talk',
  'limits/rpm/retry-after',
  'load/selftest/gaps',
  'load/slo/ttft-p99.9',
])('explain %s', async (id) => {
  const { stdout, status } = await inside('explain', id)
  expect(status).toBe(0)
  expect(stdout).toContain(id)
  expect(stdout).toContain('how to mend it')
  expect(stdout).toMatch(/assay load (latency|rpm|selftest)/)
})

test('a question that is not there has a nearest one', async () => {
  const { stderr, status } = await inside('explain', 'load/invariants/finishd')
  expect(stderr).toContain('the nearest is "load/invariants/finished"')
  expect(status).toBe(2)
})
