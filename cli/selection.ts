import type { Profile, Specs } from '../specs/types.ts'
import type { Dialect } from '../suites/core/check.ts'
import { globToRegExp, groundOf, type SessionOptions, select } from '../suites/core/select.ts'
import type { KnownFailure } from './baseline.ts'
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
export function chooseDialects(all: Dialect[], profile: Profile, wanted: string[] | undefined): string[] {
  const ids = all.map((dialect) => dialect.id)
  const promised = ids.filter((id) => profile.dialects[id] !== undefined)
  if (wanted === undefined || wanted.length === 0) {
    if (promised.length === 0)
      throw new UsageError(`profile ${profile.id} has no dialect that assay can check`)
    return promised
  }
  assertKnown('dialect', wanted, ids)
  const foreign = wanted.find((id) => !promised.includes(id))
  if (foreign !== undefined) {
    throw new UsageError(`profile ${profile.id} promises no ${foreign}; it promises ${promised.join(', ')}`)
  }
  return [...new Set(wanted)]
}

/** Throws UsageError for a subject, glob or baseline entry that names nothing, and where nothing is selected at all. */
export function assertSelection(
  dialects: Dialect[],
  profile: Profile,
  specs: Specs,
  options: SessionOptions,
  baseline: readonly KnownFailure[],
): void {
  const chosen = dialects.filter((dialect) => options.dialects.includes(dialect.id))
  const known = knownIds(chosen, profile, specs, options.model)
  assertKnown(
    'suite',
    options.suites,
    new Set(known.map((id) => id.split('/')[1] ?? '').filter((subject) => subject !== '')),
  )
  for (const glob of options.checks) {
    const pattern = globToRegExp(glob)
    if (!known.some((id) => pattern.test(id))) throw new UsageError(unknownWord('check', glob, known))
  }
  assertKnown(
    'check in the baseline',
    baseline.map((entry) => entry.id),
    // One list may serve runs of one dialect each.
    knownIds(dialects, profile, specs, options.model),
  )
  const parts = select(dialects, profile, specs, options)
  if (parts.some((part) => part.selected.size > 0)) return
  const words = [...options.checks, ...options.suites].join(', ')
  throw new UsageError(
    `nothing to check: ${words === '' ? 'no requirement' : words} applies to profile ${profile.id}` +
      `${options.level === 'must' ? ' at level must' : ''}`,
  )
}
