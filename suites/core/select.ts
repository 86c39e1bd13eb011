import type { Level } from '../../reports/record/types.ts'
import { levelOf } from '../../specs/level.ts'
import type { DialectPromise, Profile, Specs } from '../../specs/types.ts'
import type { Check, Dialect, Ground, Rule } from './check.ts'
import type { Probe, Step } from './probe.ts'

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
  const spoken = new Map<string, Spoken>()
  for (const dialect of dialects) {
    const promise = profile.dialects[dialect.id]
    if (options.dialects.includes(dialect.id) && promise !== undefined)
      spoken.set(dialect.id, { dialect, promise })
  }
  const parts = [...spoken.values()].map((one) => offered(one, spoken, profile, specs, options))
  // Over all dialects: a check may need one of another.
  const all = new Map(
    parts.flatMap(({ dialect, checks }) =>
      [...checks].map(([id, check]) => [id, { check, dialect }] as const),
    ),
  )
  const asked = new Set<string>()
  const need = (id: string, above: string[] = []): void => {
    // Each would wait for the other for ever.
    if (above.includes(id)) throw new Error(`checks need each other: ${[...above, id].join(' → ')}`)
    const known = all.get(id)
    if (known === undefined || asked.has(id)) return
    for (const other of needsOf(known.check, known.dialect)) need(other, [...above, id])
    asked.add(id)
  }
  for (const { selected } of parts) for (const id of selected) need(id)
  const answering = new Set(asked)
  // A rule is about every exchange: where nothing but rules was picked out, they judge all that a whole run asks.
  for (const { wanted, selected, rules } of parts) {
    if (selected.size === 0 && rules.length > 0) for (const id of wanted) need(id)
  }
  return parts.map(({ dialect, promise, checks, rules, selected }) => {
    const among = (ids: ReadonlySet<string>) => [...checks.keys()].filter((id) => ids.has(id))
    const ruling = rules.map(({ id }) => id)
    return {
      dialect,
      promise,
      spoken,
      checks: new Map(among(asked).map((id) => [id, checks.get(id)!])),
      rules,
      selected: new Set([...selected, ...ruling]),
      reported: new Set([...among(answering), ...ruling]),
    }
  })
}

/** What a dialect has for the profile. */
interface Offered extends Spoken {
  /** All that apply, whether they were picked out or not. */
  checks: ReadonlyMap<string, Check>
  /** Ids of the checks of the level that is asked for, and those of them that the user picked out. */
  wanted: string[]
  selected: ReadonlySet<string>
  rules: Rule[]
}

function offered(
  { dialect, promise }: Spoken,
  spoken: ReadonlyMap<string, Spoken>,
  profile: Profile,
  specs: Specs,
  options: SessionOptions,
): Offered {
  const ground = groundOf(dialect.id, profile, specs, options.model, options.models)!
  const { level } = ground
  const checks = new Map<string, Check>()
  for (const check of dialect.checks(ground)) {
    if (checks.has(check.id)) throw new Error(`two checks are called ${check.id}`)
    if (check.also?.some((id) => !spoken.has(id))) continue
    if (level(check.requirements) !== undefined) checks.set(check.id, check)
  }
  const isWanted = (subject: Check | Rule): boolean =>
    options.level === 'may' || level(subject.requirements) === 'must'
  const wanted = [...checks.values()].filter(isWanted).map(({ id }) => id)
  const rules = dialect
    .rules(ground)
    .filter((rule) => rule.tier !== undefined || level(rule.requirements) !== undefined)
    .filter((rule) => isWanted(rule) || claimed(rule, profile))
    .filter((rule) => matches(rule.id, options))
  const selected = new Set(wanted.filter((id) => matches(id, options)))
  return { dialect, promise, checks, wanted, selected, rules }
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

/** The dialect that a probe or an exchange of a check speaks: by which it is resolved, read, judged and counted. */
export function speaking(part: Selected, { dialect }: Pick<Probe, 'dialect'>): Spoken {
  return part.spoken.get(dialect) ?? part
}
