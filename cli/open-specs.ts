import path from 'node:path'
import { loadSpecs } from '../specs/load.ts'
import { withOwnRows } from '../specs/own-profile.ts'
import type { Profile, Specs } from '../specs/types.ts'
import { isPath } from './config.ts'
import { assertKnown } from './unknown.ts'

/** The profile that is meant where nobody names one. */
export const DEFAULT_PROFILE = 'openai'

/** All that comes with assay, and the rows that a profile out of a record brings along. */
export function openSpecs(profile?: Profile): Specs {
  return profile === undefined ? loadSpecs() : withOwnRows(loadSpecs(), profile)
}

/**
 * The profile of an id, or of a YAML file (`gateway.yaml`, `./gateway`), with all that comes with assay. Throws UsageError
 * with the nearest id, or SpecError with file, line and key. `at`: where the name was given.
 */
export function openProfile(
  name: string | undefined,
  at: () => string = () => '',
): { specs: Specs; profile: Profile } {
  const wanted = name ?? DEFAULT_PROFILE
  if (isPath(wanted)) {
    const specs = loadSpecs({ profileFile: path.resolve(wanted) })
    return { specs, profile: specs.profiles.get(specs.own!)! }
  }
  const specs = loadSpecs()
  assertKnown('profile', [wanted], specs.profiles.keys(), at)
  return { specs, profile: specs.profiles.get(wanted)! }
}
