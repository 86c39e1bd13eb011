import path from 'node:path'
import { loadSpecs } from '../specs/load.ts'
import type { Profile, Specs } from '../specs/types.ts'
import { isPath } from './config.ts'
import { assertKnown } from './unknown.ts'

/** The profile that is meant where nobody names one. */
export const DEFAULT_PROFILE = 'openai'

/** All requirements, contradictions and profiles that come with assay, for a profile that is already known. */
export function openSpecs(): Specs {
  return loadSpecs()
}

/**
 * The profile of an id, or of a YAML file (`gateway.yaml`, `./gateway`), with all that comes with assay. Throws UsageError
 * with the nearest id, or SpecError with file, line and key.
 */
export function openProfile(name: string | undefined): { specs: Specs; profile: Profile } {
  const wanted = name ?? DEFAULT_PROFILE
  if (isPath(wanted)) {
    const specs = loadSpecs({ profileFile: path.resolve(wanted) })
    return { specs, profile: specs.profiles.get(specs.own!)! }
  }
  const specs = loadSpecs()
  assertKnown('profile', [wanted], specs.profiles.keys())
  return { specs, profile: specs.profiles.get(wanted)! }
}
