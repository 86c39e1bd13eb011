import type { Level } from '../../reports/record/types.ts'
import { levelOf } from '../../specs/level.ts'
import type { DialectPromise, Profile, Specs } from '../../specs/types.ts'
import type { Check, Dialect, Ground, Rule } from './check.ts'
import type { Step } from './probe.ts'
import { type Resolved, resolve } from './resolve.ts'

/** Everything that decides which checks are asked, and how. It goes into the record, so that judging again asks the same. */
export interface SessionOptions {
  dialects: string[]
  model: string
  /** `must`: only checks that are binding; `may`: all. */
  level: Level
  /** Globs over check ids; empty: all. */
  checks: string[]
  /** Subjects (second part of a check id); empty: all. */
  suites: string[]
  /** Key roles that the user set to `none`, and those that have a key. */
  roles: { chosen: string[]; given: string[] }
}

export interface Selected {
  dialect: Dialect
  promise: DialectPromise
  checks: Map<string, Check>
  rules: Rule[]
  /** Ids that the user selected; the others are asked because a selected one needs them. */
  selected: Set<string>
}

/** What a plan says before anything is sent. Steps that depend on an answer count as one request each, contingent ones as none. */
export interface Plan {
  checks: number
  requests: number
  tokens: number
}

export function capabilitiesOf(profile: Profile, model: string): string[] {
  return profile.models.find((row) => row.id === model)?.capabilities ?? []
}

/** What a dialect's checks and rules are made for; undefined where the profile does not offer the dialect. */
export function groundOf(
  dialect: string,
  profile: Profile,
  specs: Specs,
  model: string = profile.default_model,
): Ground | undefined {
  const promise = profile.dialects[dialect]
  if (promise === undefined) return undefined
  const capabilities = capabilitiesOf(profile, model)
  const level = (ids: readonly string[]): Level | undefined =>
    levelOf(ids, profile, specs.requirements, capabilities)
  return { profile, promise, model, capabilities, level }
}

/** The checks that apply to a profile, and those that they need. */
export function select(
  dialects: Dialect[],
  profile: Profile,
  specs: Specs,
  options: SessionOptions,
): Selected[] {
  const result: Selected[] = []
  for (const dialect of dialects) {
    if (!options.dialects.includes(dialect.id)) continue
    const ground = groundOf(dialect.id, profile, specs, options.model)
    if (ground === undefined) continue
    const { level, promise } = ground
    const all = new Map<string, Check>()
    for (const check of dialect.checks(ground)) {
      if (all.has(check.id)) throw new Error(`two checks are called ${check.id}`)
      if (level(check.requirements) !== undefined) all.set(check.id, check)
    }
    const chosen = new Set<string>()
    const needed = new Set<string>()
    const need = (id: string): void => {
      const check = all.get(id)
      if (check === undefined || needed.has(id)) return
      needed.add(id)
      for (const other of needsOf(check, dialect)) need(other)
    }
    for (const check of all.values()) {
      if (options.level === 'must' && level(check.requirements) !== 'must') continue
      if (!matches(check.id, options)) continue
      chosen.add(check.id)
      need(check.id)
    }
    const rules = dialect
      .rules(ground)
      .filter((rule) => rule.tier !== undefined || level(rule.requirements) !== undefined)
      .filter(
        (rule) => options.level === 'may' || level(rule.requirements) === 'must' || claimed(rule, profile),
      )
      .filter((rule) => matches(rule.id, options))
    for (const rule of rules) chosen.add(rule.id)
    const checks = new Map([...all].filter(([id]) => needed.has(id)))
    result.push({ dialect, promise, checks, rules, selected: chosen })
  }
  return result
}

function claimed(rule: Rule, profile: Profile): boolean {
  return rule.tier !== undefined && profile.claims.includes(rule.tier)
}

function matches(id: string, options: SessionOptions): boolean {
  const subject = id.split('/')[1] ?? ''
  if (options.suites.length > 0 && !options.suites.includes(subject)) return false
  return options.checks.length === 0 || options.checks.some((glob) => globToRegExp(glob).test(id))
}

/** `*` stands for any characters but a slash, `**` for any at all. */
export function globToRegExp(glob: string): RegExp {
  const source = glob
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'),
    )
    .join('')
  return new RegExp(`^${source}$`)
}

/** What must have passed before a check is asked. */
export function needsOf(check: Check, dialect: Dialect): string[] {
  if (check.needs !== undefined) return check.needs
  const { reply, stream } = dialect.plain
  if (check.id === reply || check.id === stream) return []
  const streams = steps(check).some((step) => typeof step !== 'function' && step.body?.stream === true)
  return streams ? [reply, stream] : [reply]
}

function steps(check: Check): Step[] {
  return Object.values(check.ask).flat()
}

/** Distinct requests and a bound on tokens, before anything is sent. */
export function plan(selected: Selected[], model: string): Plan {
  let requests = 0
  let tokens = 0
  let checks = 0
  for (const { dialect, promise, checks: asked, rules } of selected) {
    checks += asked.size + rules.length
    const distinct = new Map<string, Resolved>()
    for (const check of asked.values()) {
      for (const step of steps(check)) {
        if (typeof step === 'function') {
          if (step.contingent) continue
          requests += 1
          tokens += DYNAMIC_STEP_TOKENS
          continue
        }
        const resolved = resolve(step, { model, promise })
        distinct.set(resolved.digest, resolved)
      }
    }
    requests += distinct.size
    for (const { probe } of distinct.values()) tokens += dialect.tokens(probe.body)
  }
  return { checks, requests, tokens }
}

/** A later turn repeats the conversation so far: a bound for the prompts that our own checks build. */
const DYNAMIC_STEP_TOKENS = 400
