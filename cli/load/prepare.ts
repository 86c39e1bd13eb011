import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Caps, Json, Order, Scenario, Slo } from '../../load/order.ts'
import bodies from '../../load/scenarios/prompts/bodies.json' with { type: 'json' }
import type { Bodies } from '../../load/scenarios/prompts/body.ts'
import { type OwnPrompt, parsePrompts } from '../../load/scenarios/prompts/jsonl.ts'
import { planOf } from '../../load/scenarios/stream/plan/plan.ts'
import { problemsOf } from '../../load/scenarios/stream/plan/problems.ts'
import type { KeyRole } from '../../reports/record/types.ts'
import { packageRoot } from '../../specs/package-root.ts'
import { authority } from '../prepare-run.ts'
import { type PreparedTarget, prepareTarget } from '../prepare-target.ts'
import { parseLimiter } from '../serve/limiter.ts'
import { parsePace } from '../serve/pace.ts'
import { UsageError } from '../usage.ts'
import { version } from '../version.ts'
import { isSecret } from './environment.ts'
import { hostOf, isLoopback } from './hosts.ts'
import { isLimits } from './scenarios.ts'
import { type LoadFlags, type LoadPlan, loadPlan } from './settings.ts'

/** A load run with nothing left to be decided but where an embedded gateway will listen. */
export interface PreparedLoad {
  scenario: Scenario
  target: PreparedTarget
  dialect: string
  plan: LoadPlan
  slo: Slo[]
  ca?: string
  out?: string
  allowUnproven: boolean
  /** How the embedded gateway behaves, as the user gave it. */
  pace?: string
  limiter?: string[]
}

/** What a run costs at most. */
export interface Cost {
  requests: number
  tokens: number
  /** Requests a second. */
  peak_rate: number
  duration_s: number
  /** The number of requests is known beforehand. */
  exact: boolean
}

/** Where the order says what is secret, by names of variables. */
export interface Variables {
  keys: Record<string, string>
  secretHeaders: Record<string, string>
}

/** How far is searched for the limit that the embedded gateway has where nobody gave it another. */
const SEARCH = {
  rpm: { window_at_most_s: 6, limit_at_most: 400 },
  tpm: { window_at_most_s: 6, limit_at_most: 30_000 },
}

const NO_VARIABLES: Variables = { keys: {}, secretHeaders: {} }

/** Decides everything from flags, config and environment. Sends nothing, starts nothing. */
export function prepareLoad(
  scenario: Scenario,
  flags: LoadFlags,
  env: Readonly<Record<string, string | undefined>>,
): PreparedLoad {
  if ((flags.dialect ?? []).length > 1) throw new UsageError('--dialect: a load run asks one dialect')
  const target = prepareTarget(flags, env)
  const { settings, bases } = target
  const [dialect] = target.dialects
  if (dialect === undefined) throw new Error('a target without a dialect')
  if (bases === undefined && (flags.iMayLoad ?? []).length > 0) {
    throw new UsageError('--i-may-load goes with --url: without one the embedded gateway is loaded')
  }
  if (bases !== undefined && (flags.pace ?? flags.limiter) !== undefined) {
    throw new UsageError('--pace and --limiter are for the embedded gateway; with --url there is none')
  }
  if (bases !== undefined && scenario === 'selftest') {
    throw new UsageError(
      'selftest measures the meter against the true send times of the embedded gateway: leave --url out',
    )
  }
  if (flags.pace !== undefined) parsePace(flags.pace)
  if (flags.limiter !== undefined) parseLimiter(flags.limiter)
  const base = bases?.[dialect]
  const host = base === undefined ? undefined : hostOf(base)
  // A name other than localhost is looked up later, before anything is sent; until then it is somebody else's.
  const near = host === undefined || host === 'localhost' || isLoopback(host)
  const plan = loadPlan(scenario, flags, settings, near)
  if (bases === undefined && isLimits(scenario) && flags.limiter === undefined) {
    plan.options = { ...SEARCH[scenario], ...plan.options }
  }
  return {
    scenario,
    target,
    dialect,
    plan,
    slo: settings.load?.slo ?? [],
    ...authority(settings),
    ...(settings.out === undefined ? {} : { out: settings.out }),
    allowUnproven: settings.allow_unproven ?? false,
    ...(flags.pace === undefined ? {} : { pace: flags.pace }),
    ...(flags.limiter === undefined ? {} : { limiter: flags.limiter }),
  }
}

/** The order, without secrets. `base`: base URL of the dialect. Throws UsageError for what makes no sense. */
export function orderOf(
  prepared: PreparedLoad,
  base: string,
  roles: readonly KeyRole[],
  variables: Variables = NO_VARIABLES,
): Order {
  const { scenario, target, dialect, plan, slo, ca } = prepared
  const promise = target.profile.dialects[dialect]
  if (promise === undefined) throw new Error(`profile ${target.profile.id} has no ${dialect}`)
  const open = target.extra.headers.filter(([, value]) => !isSecret(value, target.extra.secrets))
  const { insecure } = target.settings.tls ?? {}
  const order: Order = {
    schema: 'assay/order/1',
    scenario,
    run: randomBytes(4).toString('hex'),
    seed: target.seed,
    target: {
      url: base + promise.path,
      dialect,
      model: target.model,
      models: modelsOf(prepared),
      limit_field: promise.limit_field,
      headers: {
        'user-agent': `assay/${version()}`,
        ...promise.headers,
        ...Object.fromEntries(open.map(([name, value]) => [name.toLowerCase(), value])),
      },
      secret_headers: variables.secretHeaders,
      auth: {
        header: promise.auth.header.toLowerCase(),
        prefix: promise.auth.scheme === undefined ? '' : `${promise.auth.scheme} `,
      },
      keys: Object.fromEntries(roles.map((role) => [role, variables.keys[role] ?? ''])),
      tls: { ...(ca === undefined ? {} : { ca }), ...(insecure === undefined ? {} : { insecure }) },
    },
    grammar: path.join(packageRoot(), 'schemas', dialect, 'grammar.json'),
    load: plan.load,
    requests: plan.requests,
    caps: plan.caps,
    deadlines: plan.deadlines,
    slo,
    options: plan.options,
  }
  const problems = isLimits(scenario) ? [] : problemsOf(order)
  if (problems.length > 0) {
    const where = target.origin('load')
    throw new UsageError(`${where}${problems.map(inConfigWords).join('; ')}`)
  }
  return order
}

/** The scenario's own words for a part of the order, in those of the config file. */
function inConfigWords(problem: string): string {
  return problem
    .replace(
      /^target\.keys\.(\w+) must be there.*/,
      (_, role: string) =>
        `there is no key for role ${role}: set ASSAY_KEY_${role.toUpperCase()}, or name its variable (keys: { ${role}: NAME })`,
    )
    .replace(/^options\./, 'load.scenarios: ')
    .replace(/^(load|caps|requests|slo)\b/, (word) =>
      word === 'load' || word === 'requests' ? 'load' : `load.${word}`,
    )
}

function modelsOf({ scenario, target }: PreparedLoad): string[] {
  const spread = target.settings.load?.models
  if (spread !== undefined && spread.length > 0) return spread
  // rpm and tpm ask a second model only to see whether it has a limit of its own.
  const more = isLimits(scenario) ? (target.settings.models ?? []) : []
  return [...new Set([target.model, ...more])]
}

/** The roles whose keys a scenario needs: no other key leaves this process. */
export function rolesOf({ scenario, plan }: PreparedLoad, given: readonly KeyRole[]): KeyRole[] {
  const { role, key_role: examined = 'default' } = plan.options
  const wanted = isLimits(scenario)
    ? // A second healthy key tells whether the limit is per key.
      [examined, 'default', 'limited', 'free']
    : ['default', ...(scenario === 'isolation' ? [role] : [])]
  return [...new Set(wanted)].flatMap((one) => given.find((known) => known === one) ?? [])
}

/** What the order costs at most. Throws UsageError where it is more than a cap allows, with the way to allow it. */
export async function costWithin(order: Order): Promise<Cost> {
  const { caps } = order
  if (isLimits(order.scenario)) {
    const { costOf, shortOf } = await import('../../load/scenarios/limits/cost.ts')
    const short = shortOf(order)
    if (short.length > 0) {
      throw new UsageError(`the caps leave no room for ${order.scenario}: it needs ${short.join('; ')}`)
    }
    const { requests, tokens, peak_rate, duration_s } = costOf(order)
    return {
      requests: Math.min(requests, caps.requests),
      tokens: Math.min(tokens, caps.tokens),
      peak_rate: Math.min(peak_rate, caps.rate),
      duration_s: Math.min(duration_s, caps.duration_s),
      exact: false,
    }
  }
  const own = order.requests.prompts === undefined ? undefined : ownPrompts(order.requests.prompts)
  const wanted = planOf({ ...order, caps: { ...UNBOUND, rate: caps.rate } }, bodies as Bodies, own)
  if (wanted.exact) assertCaps(wanted, caps)
  return planOf(order, bodies as Bodies, own)
}

/** Caps that hold nothing back: what would be asked if there were none. */
const UNBOUND: Caps = {
  requests: Number.MAX_SAFE_INTEGER,
  tokens: Number.MAX_SAFE_INTEGER,
  duration_s: 1e9,
  rate: 1e9,
}

/**
 * A run of which it is known beforehand that a cap would cut it short is not begun: it would not be the run that was asked
 * for. One that depends on the gateway's speed is.
 */
function assertCaps(wanted: Cost, caps: Caps): void {
  const told = [
    ...over('requests', wanted.requests, caps.requests, '--max-requests'),
    ...over('tokens', wanted.tokens, caps.tokens, '--max-tokens'),
  ]
  if (told.length > 0) throw new UsageError(`the plan is more than is allowed: ${told.join('; ')}`)
}

function over(what: string, wanted: number, cap: number, way: string): string[] {
  if (wanted <= cap) return []
  return [`up to ${Math.ceil(wanted)} ${what}, the cap is ${cap} (${way} ${Math.ceil(wanted)} allows it)`]
}

function ownPrompts(file: string): OwnPrompt[] {
  try {
    return parsePrompts(readFileSync(file, 'utf8'), file)
  } catch (error) {
    throw new UsageError(`load.prompts: ${(error as Error).message}`)
  }
}

/** The order as a record keeps it: without the paths of this machine. */
export function recordedOrder(order: Order): Record<string, Json> {
  const { grammar, requests, ...rest } = order
  const { prompts, ...spans } = requests
  const kept = {
    ...rest,
    ...(grammar === undefined ? {} : { grammar: `schemas/${order.target.dialect}/grammar.json` }),
    requests: { ...spans, ...(prompts === undefined ? {} : { prompts: path.basename(prompts) }) },
  }
  return JSON.parse(JSON.stringify(kept)) as Record<string, Json>
}
