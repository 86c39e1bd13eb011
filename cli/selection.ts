import type { Profile, Specs } from '../specs/types.ts'
import type { Dialect } from '../suites/core/check.ts'
import { globToRegExp, groundOf, type SessionOptions, select } from '../suites/core/select.ts'
import type { KnownFailure } from './baseline.ts'
import type { Origin } from './origin.ts'
import { shellWord } from './shell-word.ts'
import { assertKnown, unknownWord } from './unknown.ts'
import { UsageError } from './usage.ts'

/** Ids of every check and rule that a dialect has for a profile, whether its requirements bind or not. */
function knownIds(dialects: Dialect[], profile: Profile, specs: Specs, model: string): string[] {
  return dialects.flatMap((dialect) => {
    const ground = groundOf(dialect.id, profile, specs, model)
    if (ground === undefined) return []
    const subjects = [...dialect.checks(ground), ...dialect.rules(ground)]
    return subjects.map((subject) => subject.id)
  })
}

/** The dialects to check: those asked for, else all that both the profile and assay know. */
export function chooseDialects(
  all: Dialect[],
  profile: Profile,
  wanted: string[] | undefined,
  origin: Origin = () => '',
  specs?: Specs,
): string[] {
  const ids = all.map((dialect) => dialect.id)
  const promised = ids.filter((id) => profile.dialects[id] !== undefined)
  if (wanted === undefined || wanted.length === 0) {
    if (promised.length === 0)
      throw new UsageError(`profile ${profile.id} has no dialect that assay can check`)
    return promised
  }
  assertKnown('dialect', wanted, ids, (word) => origin('dialects', word))
  const foreign = wanted.find((id) => !promised.includes(id))
  if (foreign !== undefined) {
    throw new UsageError(`${origin('dialects', foreign)}${noDialect(profile, foreign, specs)}`)
  }
  return [...new Set(wanted)]
}

/** That a profile has not this dialect, and which have. */
export function noDialect(profile: Profile, dialect: string, specs?: Specs): string {
  const having = [...(specs?.profiles.values() ?? [])].filter((one) => one.dialects[dialect] !== undefined)
  const advice = having.length === 0 ? '' : ` (--profile ${having.map(({ id }) => id).join(' or ')} does)`
  return `profile ${profile.id} promises no ${dialect}${advice}; it promises ${Object.keys(profile.dialects).join(', ')}`
}

/** The activated models that the user names, and the model to ask; throws UsageError for one that the profile lacks. */
export function chooseModels(
  profile: Profile,
  model: string,
  wanted: string[] | undefined,
  origin: Origin,
): string[] {
  const known = [...profile.models.map((one) => one.id), model]
  assertKnown('model', wanted ?? [], known, (word) => origin('models', word))
  return [...new Set([model, ...(wanted ?? [])])]
}

/** Throws UsageError for a subject, glob or baseline entry that names nothing, and where nothing is selected at all. */
export function assertSelection(
  dialects: Dialect[],
  profile: Profile,
  specs: Specs,
  options: SessionOptions,
  baseline: readonly KnownFailure[],
  origin: Origin = () => '',
): void {
  const chosen = dialects.filter((dialect) => options.dialects.includes(dialect.id))
  const known = knownIds(chosen, profile, specs, options.model)
  const suites = known.map(subjectOf)
  /** Dialects that are left out, and have what a word means. */
  const leftOut = (means: (id: string) => boolean): string[] =>
    dialects
      .filter((dialect) => !chosen.includes(dialect))
      .filter((dialect) => knownIds([dialect], profile, specs, options.model).some(means))
      .map(({ id }) => id)
  for (const word of options.suites) {
    const others = suites.includes(word) ? [] : leftOut((id) => subjectOf(id) === word)
    if (others.length > 0) throw new UsageError(origin('suites', word) + isOf('suite', word, others, options))
  }
  assertKnown('suite', options.suites, suites, (word) => origin('suites', word))
  const bound = select(dialects, profile, specs, { ...options, checks: [], suites: [], level: 'may' })
  const offered = [...new Set(bound.flatMap((part) => [...part.selected].map(subjectOf)))]
  for (const glob of options.checks) {
    const pattern = globToRegExp(glob)
    if (known.some((id) => pattern.test(id))) continue
    const at = origin('checks', glob)
    const others = leftOut((id) => pattern.test(id))
    if (others.length > 0) throw new UsageError(at + isOf('check', glob, others, options))
    if (!glob.includes('*')) throw new UsageError(at + unknownWord('check', glob, known))
    throw new UsageError(at + noMatch(glob, profile.id, offered))
  }
  assertKnown(
    'check in the baseline',
    baseline.map((entry) => entry.id),
    // One list may serve runs of one dialect each.
    knownIds(dialects, profile, specs, options.model),
  )
  const parts = select(dialects, profile, specs, options)
  if (parts.some((part) => part.selected.size > 0)) return
  if (options.checks.length === 0 && options.suites.length === 0) {
    throw new UsageError(`nothing to check: profile ${profile.id} binds no check of ${options.dialects}`)
  }
  const words = [...options.checks, ...options.suites].join(', ')
  const level = options.level === 'must' ? ' at level must' : ''
  const exact = options.suites.length === 0 && options.checks.every((glob) => known.includes(glob))
  throw new UsageError(
    exact
      ? `nothing to check: profile ${profile.id} does not ask ${words}${level}; see assay explain ${words}`
      : noMatch(words, profile.id + level, offered),
  )
}

function isOf(kind: string, word: string, others: readonly string[], { dialects }: SessionOptions): string {
  return `${kind} ${word} is of ${others.join(' and ')}, and only ${dialects.join(' and ')} is selected (--dialect)`
}

function noMatch(words: string, where: string, subjects: readonly string[]): string {
  return `nothing to check: no check or rule of profile ${where} matches ${words}; its subjects: ${subjects.join(', ')}`
}

/** `stream` of `openai-chat/stream/usage-chunk`. */
function subjectOf(id: string): string {
  return id.split('/')[1] ?? ''
}

/** How much of a profile a run asks, where it does not ask all of it. Stands in the run line (`options.selected`). */
export interface Selected {
  checks: number
  rules: number
  of_checks: number
  of_rules: number
  /** The options that left something out, as on a command line. */
  by: string
}

/** Nothing where all that the profile binds is asked. */
export function selectedOf(
  dialects: Dialect[],
  profile: Profile,
  specs: Specs,
  options: SessionOptions,
): Selected | undefined {
  const whole: SessionOptions = {
    ...options,
    dialects: chooseDialects(dialects, profile, undefined),
    level: 'may',
    checks: [],
    suites: [],
  }
  const now = countOf(dialects, profile, specs, options)
  const all = countOf(dialects, profile, specs, whole)
  if (now.checks === all.checks && now.rules === all.rules) return undefined
  const by = [
    ...(options.dialects.length < whole.dialects.length
      ? options.dialects.map((id) => `--dialect ${id}`)
      : []),
    ...options.suites.map((word) => `--suite ${word}`),
    ...options.checks.map((glob) => `--check ${shellWord(glob)}`),
    ...(options.level === 'must' ? ['--level must'] : []),
  ]
  return { ...now, of_checks: all.checks, of_rules: all.rules, by: by.join(' ') }
}

function countOf(
  dialects: Dialect[],
  profile: Profile,
  specs: Specs,
  options: SessionOptions,
): { checks: number; rules: number } {
  const parts = select(dialects, profile, specs, options)
  const rules = parts.flatMap((part) => part.rules).length
  const all = parts.reduce((sum, part) => sum + part.selected.size, 0)
  return { checks: all - rules, rules }
}

/** What a selection leaves out, in one sentence; nothing where it is the whole. */
export function selectionText(
  dialects: Dialect[],
  profile: Profile,
  specs: Specs,
  options: SessionOptions,
): string | undefined {
  if (options.checks.length === 0 && options.suites.length === 0) return undefined
  const now = countOf(dialects, profile, specs, options)
  const whole = countOf(dialects, profile, specs, { ...options, checks: [], suites: [] })
  if (now.checks === whole.checks && now.rules === whole.rules) return undefined
  const left = whole.rules - now.rules
  const rules =
    left === 0
      ? ''
      : `; the other ${left} rules (grammar, shape, leaks, framing …) are left out and judge nothing in this run`
  return `selected ${now.checks} of ${whole.checks} checks and ${now.rules} of ${whole.rules} rules${rules}`
}
