import { expect, test } from 'vitest'
import { Awaited, defaultDeadlines } from '../../cli/awaited.ts'
import { inside } from './inside.ts'

test('tells what hangs once it is more than a fifth of what is left, not more often than every 15 s', () => {
  const awaited = new Awaited({ headers: 20_000 })
  const ends = Array.from({ length: 4 }, (_, i) => awaited.begin(i * 1000))
  expect(awaited.line(9_999, 4)).toBeUndefined()
  expect(awaited.line(12_000, 4)).toBe(
    'waiting for 3 answers, the longest for 12 s; deadlines: connect 10 s, headers 20 s, first_byte 60 s, between_bytes 60 s, total 300 s (deadlines: in --config)',
  )
  expect(awaited.line(20_000, 4)).toBeUndefined()
  ends[0]!()
  ends[2]!()
  ends[3]!()
  expect(awaited.line(27_000, 4)).toMatch(/^waiting for 1 answer, for 26 s; /)
  ends[1]!()
  expect(awaited.line(90_000, 4)).toBeUndefined()
})

test('says nothing where most of the run is still to be asked, or answers come soon', () => {
  const awaited = new Awaited({})
  const end = awaited.begin(0)
  expect(awaited.line(60_000, 100)).toBeUndefined()
  expect(awaited.line(60_000, 5)).toBeUndefined()
  expect(awaited.line(60_000, 4)).toMatch(/^waiting for 1 answer/)
  end()
  awaited.begin(100_000)
  expect(awaited.line(105_000, 1)).toBeUndefined()
})

test('the defaults are told by --help', async () => {
  const { stdout } = await inside('run', '--help')
  expect(defaultDeadlines()).toBe(
    'connect: 10000, headers: 60000, first_byte: 60000, between_bytes: 60000, total: 300000',
  )
  expect(stdout).toContain(defaultDeadlines())
})
