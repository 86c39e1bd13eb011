import path from 'node:path'
import { loadSpecs } from '../specs/load.ts'
import { withOwnRows } from '../specs/own-profile.ts'
import type { Profile, Specs } from '../specs/types.ts'
import { isPath } from './config.ts'
import { schemaPaths } from './schema-paths.ts'
import { assertKnown } from './unknown.ts'

/** The profile that is meant where nobody names one. */
const DEFAULT_PROFILE = 'openai'

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
    const specs = loadSpecs({ profileFile: path.resolve(wanted), paths: schemaPaths() })
    return { specs, profile: specs.profiles.get(specs.own!)! }
  }
  const specs = loadSpecs()
  assertKnown('profile', [wanted], specs.profiles.keys(), at)
  return { specs, profile: specs.profiles.get(wanted)! }
}

/** The same where a dialect is meant: without a name the default profile, else the newest that promises the dialect. */
export function openProfileOf(dialect: string, name: string | undefined): { specs: Specs; profile: Profile } {
  const opened = openProfile(name)
  if (name !== undefined || opened.profile.dialects[dialect] !== undefined) return opened
  const first = newestFirst(opened.specs.profiles.values()).find((one) => one.dialects[dialect] !== undefined)
  return first === undefined ? opened : { ...opened, profile: first }
}

/** Profiles in the order in which they are looked through: newest version of an API first, then those without one. */
export function newestFirst(profiles: Iterable<Profile>): Profile[] {
  return [...profiles].sort((a, b) => newest(b).localeCompare(newest(a)))
}

function newest({ dialects }: Profile): string {
  return Object.values(dialects).reduce((last, { version = '' }) => (version > last ? version : last), '')
}
