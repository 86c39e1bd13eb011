import type { Level } from '../reports/record/types.ts'
import type { Profile, Requirement, RequirementLevel } from './types.ts'

/**
 * Whether the profile holds the row: its file is among the profile's documents, it names the profile or a base, and the
 * profile has not taken it back.
 */
export function holds(profile: Profile, row: Requirement): boolean {
  if (profile.withdrawn?.includes(row.id) === true) return false
  if (!profile.documents.includes(row.document)) return false
  if (row.everywhere === true) return true
  return [profile.id, ...(profile.bases ?? [])].some((id) => row.profiles.includes(id))
}

/**
 * The level of a question that answers these requirements: the highest among those that the profile holds for a model
 * with these capabilities. undefined: it holds none of them, so the question does not apply.
 */
export function levelOf(
  requirementIds: readonly string[],
  profile: Profile,
  requirements: ReadonlyMap<string, Requirement>,
  capabilities: readonly string[],
): Level | undefined {
  let highest: Level | undefined
  for (const row of heldRows(requirementIds, profile, requirements)) {
    const level = levelOfRow(row, capabilities)
    if (level === 'must') return 'must'
    highest ??= level
  }
  return highest
}

/**
 * The capabilities for want of which a question does not apply: those that the held rows ask for and the model does
 * not declare. Empty where `levelOf` gives a level, or where the profile holds none of the rows for any model.
 */
export function missingCapabilities(
  requirementIds: readonly string[],
  profile: Profile,
  requirements: ReadonlyMap<string, Requirement>,
  capabilities: readonly string[],
): string[] {
  if (levelOf(requirementIds, profile, requirements, capabilities) !== undefined) return []
  const wanted = heldRows(requirementIds, profile, requirements).flatMap((row) => row.capability ?? [])
  return [...new Set(wanted)]
}

function heldRows(
  ids: readonly string[],
  profile: Profile,
  requirements: ReadonlyMap<string, Requirement>,
): Requirement[] {
  return ids.flatMap((id) => requirements.get(id) ?? []).filter((row) => holds(profile, row))
}

const LEVELS: Record<Exclude<RequirementLevel, 'some-models'>, Level> = {
  must: 'must',
  ignored: 'must',
  unsupported: 'must',
  informational: 'may',
}

function levelOfRow(row: Requirement, capabilities: readonly string[]): Level | undefined {
  if (row.level !== 'some-models') return LEVELS[row.level]
  return row.capability !== undefined && capabilities.includes(row.capability) ? 'must' : undefined
}
