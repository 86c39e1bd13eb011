import { holds } from './level.ts'
import { nearest } from './nearest.ts'
import type { Profile, Requirement, Specs } from './types.ts'

export interface CoverageRow {
  requirement: Requirement
  /** Ids of the checks and rules that answer it, sorted. */
  checks: string[]
  /** Why none can. */
  untestable?: string
}

export interface Coverage {
  /** Every requirement that the profile holds, in the order of its files. */
  rows: CoverageRow[]
  /** Held requirements without a check and without a reason. */
  unbound: string[]
  /** Held requirements that are called untestable although a check answers them. */
  overclaimed: string[]
  /** Ids that checks name and no file has. */
  unknown: { requirement: string; checks: string[]; nearest?: string }[]
}

/** What is bound to what. `bound`: by requirement id, the checks and rules that answer it. */
export function coverage(
  specs: Specs,
  profile: Profile,
  bound: ReadonlyMap<string, readonly string[]>,
): Coverage {
  const rows: CoverageRow[] = []
  const unbound: string[] = []
  const overclaimed: string[] = []
  for (const requirement of specs.requirements.values()) {
    if (!holds(profile, requirement)) continue
    const checks = [...(bound.get(requirement.id) ?? [])].sort()
    const { untestable } = requirement
    rows.push({ requirement, checks, ...(untestable === undefined ? {} : { untestable }) })
    if (checks.length === 0 && untestable === undefined) unbound.push(requirement.id)
    if (checks.length > 0 && untestable !== undefined) overclaimed.push(requirement.id)
  }
  const unknown = [...bound].flatMap(([requirement, checks]) => {
    if (specs.requirements.has(requirement)) return []
    const near = nearest(requirement, specs.requirements.keys())
    return [{ requirement, checks: [...checks].sort(), ...(near === undefined ? {} : { nearest: near }) }]
  })
  return { rows, unbound, overclaimed, unknown }
}
