/** The words of `assay serve --pace` and `--limiter`, and what is said about wrong ones. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseLimiter } from '../../cli/serve/limiter.ts'
import { parsePace } from '../../cli/serve/pace.ts'
import { UsageError } from '../../cli/usage.ts'

describe('--pace', () => {
  it('takes its words', () => {
    expect(parsePace('first_ms=200,tokens_per_s=50')).toEqual({ first_ms: 200, tokens_per_s: 50 })
    expect(parsePace('tokens_per_s=0.5, jitter=0.2, tokens=100')).toEqual({
      first_ms: 0,
      tokens_per_s: 0.5,
      jitter: 0.2,
      tokens: 100,
    })
  })

  it.each([
    ['tokens_pers=5', '--pace: unknown word "tokens_pers"; the nearest is "tokens_per_s"'],
    ['first_ms=200', '--pace: tokens_per_s is missing'],
    ['tokens_per_s=fast', '--pace: tokens_per_s must be a number from 0.001 to 100000, not "fast"'],
    ['tokens_per_s=5,tokens_per_s=6', '--pace: tokens_per_s stands twice'],
    ['50', '--pace: "50" must be WORD=VALUE'],
  ])('refuses %s', (spec, message) => {
    expect(() => parsePace(spec)).toThrow(new UsageError(message))
  })
})

describe('--limiter', () => {
  const requests = {
    algorithm: { kind: 'sliding-log', limit: 60, window: 60_000 },
    charging: { what: 'request', when: 'admission', refused: true, cancelled: true },
    scope: 'shared',
  }

  it('takes words, several limits, and a fault with its numbers', () => {
    const spec = 'requests=60/1m,algorithm=sliding-log,refused=true,scope=shared,fault=race:20'
    expect(parseLimiter([spec, 'tokens=1000/500ms,charging=reserve-refund,when=admission'])).toEqual({
      requests,
      tokens: {
        algorithm: { kind: 'fixed-first', limit: 1000, window: 500 },
        charging: { what: 'reserve-refund', when: 'admission', refused: false, cancelled: true },
        scope: 'key',
      },
      fault: { kind: 'race', lag_ms: 20 },
    })
    expect(parseLimiter(['concurrency=8']).requests?.algorithm).toEqual({ kind: 'concurrency', limit: 8 })
    expect(parseLimiter(['requests=5/s']).requests?.algorithm).toMatchObject({ limit: 5, window: 1000 })
    expect(parseLimiter(['requests=5/s,fault=fail-open:3']).fault).toEqual({
      kind: 'fail-open',
      after_windows: 3,
      for_windows: 4,
    })
  })

  it('takes a file with the same words', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'assay-limiter-')), 'limits.yaml')
    const rows = ['- requests: 60/1m', '  algorithm: sliding-log', '  refused: true', '  scope: shared']
    writeFileSync(file, [...rows, '- tokens: 90/2s', ''].join('\n'))
    const limits = parseLimiter([file])
    expect(limits.requests).toEqual(requests)
    expect(limits.tokens?.algorithm).toEqual({ kind: 'fixed-first', limit: 90, window: 2000 })
    writeFileSync(file, 'request: 5/1s\n')
    expect(() => parseLimiter([file])).toThrow('unknown word "request"; the nearest is "requests"')
    writeFileSync(file, 'requests: [\n')
    expect(() => parseLimiter([file])).toThrow(/limits\.yaml:\d/)
    writeFileSync(file, '- 5\n')
    expect(() => parseLimiter([file])).toThrow(/must hold a mapping, or a list of them/)
  })

  it.each([
    ['requests=60', 'requests must be AMOUNT/TIME, such as 60/1m or 100/2s, not "60"'],
    ['requests=60/fast', 'requests must be AMOUNT/TIME'],
    ['requests=0/1m', 'requests must be AMOUNT/TIME'],
    ['algorithm=sliding-log', 'one of requests, tokens and concurrency says what is limited'],
    ['requests=1/s,tokens=1/s', 'one of requests, tokens and concurrency says what is limited'],
    ['requests=1/s,algorithm=slidinglog', 'the nearest is "sliding-log"'],
    ['requests=1/s,skew=5', 'skew must be left out'],
    ['concurrency=1,algorithm=sliding-log', 'algorithm must be left out'],
    ['requests=1/s,fault=rase', 'the nearest is "race"'],
    ['requests=1/s,fault=race:x', 'fault must be a name with numbers behind colons'],
    ['requests=1/s,refused=yes', 'refused must be one of true, false, not "yes"'],
  ])('refuses %s', (spec, message) => {
    expect(() => parseLimiter([spec])).toThrow(UsageError)
    expect(() => parseLimiter([spec])).toThrow(message)
  })

  it('refuses two limits of one kind', () => {
    expect(() => parseLimiter(['requests=1/s', 'concurrency=5'])).toThrow('there are two limits of requests')
  })
})
