import type { Level } from '../../reports/record/types.ts'
import { levelOf } from '../../specs/level.ts'
import type { DialectPromise, Profile, Specs } from '../../specs/types.ts'
import type { Check, Dialect, Ground, Rule } from './check.ts'
import { again, triesOf } from './conversation.ts'
import type { Probe, Step } from './probe.ts'
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
  /**
   * Models of the profile that are activated for the key: they must be served; what others answer is not asked.
   * undefined: nobody said, so all are asked, and a refusal says nothing.
   */
  models?: string[]
  /** Key roles that the user set to `none`, and those that have a key. */
  roles: { chosen: string[]; given: string[] }
}

/** A dialect, and what the profile promises of it. */
export interface Spoken {
  dialect: Dialect
  promise: DialectPromise
}

export interface Selected extends Spoken {
  /** All selected dialects by id, this one too: a check may ask in several. */
  spoken: ReadonlyMap<string, Spoken>
  checks: Map<string, Check>
  rules: Rule[]
  /** Ids that the user selected; the others are asked because a selected one needs them. */
  selected: Set<string>
  /** Ids that get a verdict: the selected ones and what they need. The rest is asked only for a rule to judge. */
  reported: Set<string>
}

/** What a plan says before anything is sent. */
export interface Plan {
  checks: number
  /**
   * Distinct requests, where everything shows at its first try. A step that depends on an answer counts as one, a
   * contingent one as none.
   */
  requests: number
  /** Upper bound of their tokens, where the gateway heeds the limit on the output. */
  tokens: number
}

export interface WholePlan extends Plan {
  /** Distinct requests with all tries and all contingent steps: never more, but for repeats after a 429. */
  most: number
  /** Upper bound of the tokens of `most`. */
  mostTokens: number
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
  models?: readonly string[],
): Ground | undefined {
  const promise = profile.dialects[dialect]
  if (promise === undefined) return undefined
  const capabilities = capabilitiesOf(profile, model)
  const level = (ids: readonly string[]): Level | undefined =>
    levelOf(ids, profile, specs.requirements, capabilities)
  return { profile, promise, model, capabilities, level, ...(models === undefined ? {} : { models }) }
}

/** The checks that apply to a profile, and those that they need. */
export function select(
  dialects: Dialect[],
  profile: Profile,
  specs: Specs,
  options: SessionOptions,
): Selected[] {
  const result: Selected[] = []
  const spoken = new Map<string, Spoken>()
  for (const dialect of dialects) {
    const promise = profile.dialects[dialect.id]
    if (options.dialects.includes(dialect.id) && promise !== undefined)
      spoken.set(dialect.id, { dialect, promise })
  }
  for (const { dialect, promise } of spoken.values()) {
    const ground = groundOf(dialect.id, profile, specs, options.model, options.models)!
    const { level } = ground
    const all = new Map<string, Check>()
    for (const check of dialect.checks(ground)) {
      if (all.has(check.id)) throw new Error(`two checks are called ${check.id}`)
      if (check.also?.some((id) => !spoken.has(id))) continue
      if (level(check.requirements) !== undefined) all.set(check.id, check)
    }
    const chosen = new Set<string>()
    const needed = new Set<string>()
    const need = (id: string, above: string[] = []): void => {
      // Each would wait for the other for ever.
      if (above.includes(id)) throw new Error(`checks need each other: ${[...above, id].join(' → ')}`)
      const check = all.get(id)
      if (check === undefined || needed.has(id)) return
      for (const other of needsOf(check, dialect)) need(other, [...above, id])
      needed.add(id)
    }
    const wanted = (subject: Check | Rule): boolean =>
      options.level === 'may' || level(subject.requirements) === 'must'
    for (const check of all.values()) {
      if (!wanted(check)) continue
      if (!matches(check.id, options)) continue
      chosen.add(check.id)
      need(check.id)
    }
    const rules = dialect
      .rules(ground)
      .filter((rule) => rule.tier !== undefined || level(rule.requirements) !== undefined)
      .filter((rule) => wanted(rule) || claimed(rule, profile))
      .filter((rule) => matches(rule.id, options))
    const asked = chosen.size
    for (const rule of rules) chosen.add(rule.id)
    const reported = new Set([...needed, ...chosen])
    // A rule is about every exchange: where nothing but rules was picked out, they judge all that a whole run asks.
    if (asked === 0 && rules.length > 0) {
      for (const check of all.values()) if (wanted(check)) need(check.id)
    }
    const checks = new Map([...all].filter(([id]) => needed.has(id)))
    result.push({ dialect, promise, spoken, checks, rules, selected: chosen, reported })
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
export function plan(selected: Selected[], model: string): WholePlan {
  const whole: WholePlan = { checks: 0, requests: 0, tokens: 0, most: 0, mostTokens: 0 }
  const first = new Map<string, number>()
  const all = new Map<string, number>()
  for (const part of selected) {
    const { checks, rules } = part
    whole.checks += checks.size + rules.length
    for (const check of checks.values()) {
      for (const [name, conversation] of Object.entries(check.ask)) {
        let turn = 0
        for (let tried = 1; tried <= triesOf(check, name); tried += 1) {
          for (const step of conversation) {
            if (typeof step === 'function') {
              const cost = step.contingent ? turn : Math.max(turn, LATER_TOKENS)
              whole.most += 1
              whole.mostTokens += cost
              if (tried > 1 || step.contingent) continue
              whole.requests += 1
              whole.tokens += cost
              continue
            }
            const { dialect, promise } = speaking(part, step)
            const resolved = resolve(again(step, tried), { model, promise })
            const cost = costOf(resolved, dialect)
            turn = Math.max(turn, cost)
            if (tried === 1) first.set(resolved.digest, cost)
            all.set(resolved.digest, cost)
          }
        }
      }
    }
  }
  whole.requests += first.size
  whole.most += all.size
  for (const cost of first.values()) whole.tokens += cost
  for (const cost of all.values()) whole.mostTokens += cost
  return whole
}

/** The dialect that a probe or an exchange of a check speaks: by which it is resolved, read, judged and counted. */
export function speaking(part: Selected, { dialect }: Pick<Probe, 'dialect'>): Spoken {
  return part.spoken.get(dialect) ?? part
}

/** Tokens of a later turn that repeats a conversation of ours: its prompt, one answer, one result, one more answer. */
const LATER_TOKENS = 400
/** Tokens of a body that is written out by hand: the plain question and a small limit. */
const WRITTEN_TOKENS = 64

/** Upper bound of the tokens that a probe can cost. */
export function costOf({ probe }: Resolved, dialect: Dialect): number {
  if (probe.body !== undefined) return dialect.tokens(probe.body)
  return probe.repeat === undefined ? 0 : WRITTEN_TOKENS
}
