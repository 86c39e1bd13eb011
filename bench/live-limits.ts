/**
 * Twelve limiters live, with short windows, by the scenarios on a real k6 over loopback: what was inferred against the
 * truth. Six are of packages that we did not write; the others are those of the reference gateway. Takes about six
 * minutes. Exits 1 where fewer than eleven are told rightly. `ASSAY_K6` names a k6 to use, a stock one too.
 * `node bench/live-limits.ts [part of a name]`
 */
import { limiter } from '../fixtures/limiter/limiter.ts'
import type { Algorithm, Charging, LimiterOptions } from '../fixtures/limiter/types.ts'
import { findEngine } from '../load/engine/find.ts'
import { findings } from '../load/infer/findings/findings.ts'
import { decisive } from '../load/infer/findings/probes.ts'
import { infer } from '../load/infer/infer.ts'
import type { Inference } from '../load/infer/types.ts'
import { readLimitSamples } from '../load/limits/read.ts'
import { orderFor, runLimits } from '../tests/limits/run-k6.ts'
import { expressServer, fastifyServer, flexibleServer } from '../tests/limits/strangers.ts'
import { tinyServer } from '../tests/limits/tiny-server.ts'

interface Truth {
  algorithm: Inference['algorithm']
  limit?: number
  window?: number
  what?: Charging['what']
  when?: Charging['when']
  /** Found by the second plan; absent: none may be. */
  fault?: string
}

interface Configuration {
  name: string
  scenario: 'rpm' | 'tpm'
  truth: Truth
  probes?: boolean
  open: () => Promise<{ url: string; close: () => Promise<void> }>
}

const REQUESTS: Charging = { what: 'request', when: 'admission', refused: false, cancelled: true }

function own(algorithm: Algorithm, charging: Partial<Charging> = {}, probes = false): Configuration {
  const all = { ...REQUESTS, ...charging }
  const options: LimiterOptions = { algorithm, charging: all, scope: 'key' }
  const tokens = all.what !== 'request'
  const { kind } = algorithm
  return {
    name: `reference ${kind}, ${all.what} at ${all.when}`,
    scenario: tokens ? 'tpm' : 'rpm',
    probes,
    truth: {
      algorithm: kind,
      ...('limit' in algorithm && { limit: algorithm.limit }),
      ...('window' in algorithm && { window: algorithm.window }),
      ...('window' in algorithm && kind !== 'leaky-bucket' && { what: all.what, when: all.when }),
    },
    open: () => tinyServer({ limiter: limiter(options) }),
  }
}

const first = (limit: number, window: number, fault?: string): Truth => ({
  algorithm: 'fixed-first',
  limit,
  window,
  what: 'request',
  when: 'admission',
  ...(fault !== undefined && { fault }),
})

const CONFIGURATIONS: Configuration[] = [
  {
    name: 'express-rate-limit',
    scenario: 'rpm',
    probes: true,
    truth: first(20, 3000),
    open: () => expressServer(20, 3000),
  },
  {
    name: 'express-rate-limit, failed requests skipped',
    scenario: 'rpm',
    truth: first(35, 4000),
    open: () => expressServer(35, 4000, true),
  },
  {
    name: '@fastify/rate-limit',
    scenario: 'rpm',
    truth: first(25, 3000),
    open: () => fastifyServer(25, 3000),
  },
  {
    name: '@fastify/rate-limit, continueExceeding',
    scenario: 'rpm',
    probes: true,
    truth: first(15, 3000, 'extended-by-refusals'),
    open: () => fastifyServer(15, 3000, true),
  },
  {
    name: 'rate-limiter-flexible, requests',
    scenario: 'rpm',
    truth: first(30, 3000),
    open: () => flexibleServer(30, 3000),
  },
  {
    name: 'rate-limiter-flexible, prompt tokens',
    scenario: 'tpm',
    truth: { ...first(6000, 4000), what: 'prompt' },
    open: () => flexibleServer(6000, 4000, { tokens: true }),
  },
  own({ kind: 'fixed-clock', limit: 25, window: 3000, skew: 1234 }),
  own({ kind: 'sliding-log', limit: 20, window: 3000 }),
  own({ kind: 'token-bucket', limit: 20, window: 4000 }),
  own({ kind: 'sliding-log', limit: 6000, window: 4000 }, { what: 'prompt+max' }),
  own({ kind: 'concurrency', limit: 8 }),
  own({ kind: 'none' }),
]

/** As an extended window reads to the inference does not matter: the fault is what has to be told. */
function right({ truth }: Configuration, seen: Inference, faults: string[]): string[] {
  if (truth.fault !== undefined)
    return faults.join() === truth.fault ? [] : [`faults: ${faults.join() || 'none'}`]
  const wrong = faults.map((id) => `fault seen: ${id}`)
  if (seen.algorithm !== truth.algorithm) wrong.push(`algorithm ${seen.algorithm}`)
  const off = (value: number, of: number) => Math.abs(value / of - 1)
  if (truth.limit !== undefined && off(seen.limit, truth.limit) > 0.02) wrong.push(`limit ${seen.limit}`)
  const window = (seen.window_s ?? 0) * 1000
  if (truth.window !== undefined && off(window, truth.window) > 0.05)
    wrong.push(`window ${window.toFixed(0)} ms`)
  if (truth.what !== undefined && (seen.charging?.what !== truth.what || seen.charging.when !== truth.when))
    wrong.push(`charged ${seen.charging?.what} at ${seen.charging?.when}`)
  return wrong
}

const { path, version } = await findEngine({ env: process.env, extension: false })
const [only = ''] = process.argv.slice(2)
const chosen = CONFIGURATIONS.filter(({ name }) => name.includes(only))
console.log(`k6 ${version}; ${chosen.length} limiters`)
let good = 0
for (const configuration of chosen) {
  const { name, scenario, probes = false, truth, open } = configuration
  const server = await open()
  const most = scenario === 'tpm' ? 20_000 : 200
  const options = { window_at_most_s: 6, limit_at_most: most, probes }
  const began = performance.now()
  const ran = await runLimits(path, orderFor(server.url, scenario, options))
  await server.close()
  const { rows, whole } = readLimitSamples(ran.samples)
  const decides = decisive(rows)
  const told = rows.filter(({ part }) => part === 'plan').filter(decides)
  const seen = infer(told)
  const aim = scenario === 'rpm' ? ('requests' as const) : ('tokens' as const)
  const faults = findings({ samples: rows, aim, inference: seen }).map(({ id }) => id)
  const wrong = [...(whole ? [] : ['the run was cut short']), ...right(configuration, seen, faults)]
  if (wrong.length === 0) good++
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const window = seen.window_s === undefined ? '' : ` in ${seen.window_s.toFixed(2)} s`
  const said = `${seen.algorithm}, ${Math.round(seen.limit)}${window}, ${seen.charging?.what ?? '-'}`
  const mark = wrong.length === 0 ? 'right' : 'WRONG'
  console.log(
    `${mark}  ${name.padEnd(48)} ${said}; confidence ${seen.confidence.toFixed(2)}; ${rows.length} requests, ${seconds} s${truth.fault ? `; named ${faults.join() || 'nothing'}` : ''}`,
  )
  if (wrong.length > 0) console.log(`       ${wrong.join('; ')}`)
}
console.log(`\n${good} of ${chosen.length} right`)
if (good < chosen.length - 1) process.exitCode = 1
