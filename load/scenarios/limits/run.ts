/** A limits run inside k6: the experiment, then the probes; each sample is printed as one line of JSON as it comes. */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import { maskText, type Secret, SHORTEST_SECRET } from '../../../reports/record/secret-forms.ts'
import { probes } from '../../infer/findings/plan.ts'
import { plan } from '../../infer/plan/plan.ts'
import type { Batch, Reply } from '../../infer/plan/types.ts'
import type { Sample } from '../../infer/types.ts'
import { ORDER_ENV, type Order } from '../../order.ts'
import type { Bodies } from '../prompts/body.ts'
import { costOf, limitOptions, planOptions, probeOptions, rolesOf } from './cost.ts'
import { Hopeless, type Stop } from './hopeless.ts'
import { Prompts } from './prompt.ts'
import { type Addressed, Sender } from './sender.ts'

export const LIMIT_SAMPLES = 'assay/limit-samples/1'

const order = readOrder()
const bodies: Bodies = JSON.parse(open(import.meta.resolve('../prompts/bodies.json')))
const words: string[] = JSON.parse(open(import.meta.resolve('../prompts/words.json')))
const to = addressed(order)
const secrets = secretsOf(order)

export const options: Options = {
  scenarios: {
    limits: {
      executor: 'per-vu-iterations',
      vus: 1,
      iterations: 1,
      maxDuration: `${costOf(order).duration_s + 60}s`,
      gracefulStop: '0s',
    },
  },
  // One virtual user holds all connections: as many are kept as a burst has requests.
  batch: 1000,
  batchPerHost: 1000,
  maxRedirects: 0,
  insecureSkipTLSVerify: order.target.tls.insecure === true,
  noCookiesReset: false,
  summaryTrendStats: [],
  systemTags: [],
}

export function handleSummary(): Record<string, string> {
  return {}
}

const say = (line: object): void => console.log(JSON.stringify(line))
const now = (): number => exec.instance.currentTestRunDuration
const mask = (text: string): string => maskText(text, secrets).text

class Stopped extends Error {
  readonly stop: Stop
  constructor(stop: Stop) {
    super(stop.message)
    this.stop = stop
  }
}

export async function experiment(): Promise<void> {
  const cost = costOf(order)
  const { run, scenario } = order
  say({
    schema: LIMIT_SAMPLES,
    run,
    scenario,
    started: new Date().toISOString(),
    options: limitOptions(order),
    cost,
  })
  const hopeless = new Hopeless()
  let rows = 0
  const sender: Sender = new Sender(order, new Prompts(order, bodies, words), to, {
    now,
    wall: Date.now,
    mask,
    print: (row) => {
      rows++
      say(row)
    },
    watch: (row) => {
      const stop = hopeless.seen(row)
      if (stop) throw new Stopped(stop)
    },
  })
  const keyed: Order = {
    ...order,
    target: { ...order.target, keys: Object.fromEntries(to.keys.map(({ role }) => [role, role])) },
  }
  const begun = now()
  const drive = driver(sender, begun + cost.duration_s * 1000)
  let stop: { why: string; message: string } | undefined
  try {
    const before = await drive(plan(planOptions(keyed)))
    if (limitOptions(order).probes && now() - begun < cost.duration_s * 1000) {
      sender.part = 'probes'
      const used = { requests: sender.requests, tokens: sender.tokens, ms: now() - begun }
      await drive(probes(probeOptions(keyed, used), before))
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
    stop = error.stop
  }
  const end = {
    at_ms: now(),
    rows,
    stopped: stop !== undefined,
    requests: sender.requests,
    tokens: sender.tokens,
  }
  say({ end: { ...end, ...stop } })
  if (stop) exec.test.abort(`assay-stop: ${stop.why} ${stop.message}`)
}

/** Runs a plan to its end, or to `until`: what is planned for later is not sent. */
function driver(sender: Sender, until: number): (course: Course) => Promise<Sample[]> {
  return async (course) => {
    let step = course.next()
    while (!step.done) {
      if (Math.max(now(), ...step.value.map(({ at }) => at)) > until)
        throw new Stopped({ why: 'caps', message: 'the time that was shown beforehand is used up' })
      step = course.next(await sender.send(step.value))
    }
    return step.value
  }
}

type Course = Generator<Batch, Sample[], Reply>

function readOrder(): Order {
  const path = __ENV[ORDER_ENV]
  if (path === undefined) throw new Error(`${ORDER_ENV} must name the order file`)
  return JSON.parse(open(path))
}

function variable(name: string): string {
  const value = __ENV[name]
  if (value === undefined) throw new Error(`the environment variable ${name} is not set`)
  return value
}

/** The keys that are asked with, the examined one first; a second one only where it is another key. */
function addressed({ target, ...rest }: Order): Addressed {
  const roles = rolesOf({ target, ...rest })
  const keys = roles.flatMap((role) => {
    const name = target.keys[role]
    return name === undefined ? [] : [{ role, value: variable(name) }]
  })
  const models = [target.model, ...target.models.filter((model) => model !== target.model)]
  return {
    keys: keys.filter(({ value }, i) => keys.findIndex((other) => other.value === value) === i),
    models: models.slice(0, 2),
    headers: {
      ...target.headers,
      ...Object.fromEntries(
        Object.entries(target.secret_headers).map(([name, from]) => [name, variable(from)]),
      ),
    },
  }
}

function secretsOf({ target }: Order): Secret[] {
  const names = [...Object.values(target.keys), ...Object.values(target.secret_headers)]
  return names
    .map(variable)
    .flatMap((value): Secret[] => (value.length < SHORTEST_SECRET ? [] : [{ role: 'default', value }]))
}
