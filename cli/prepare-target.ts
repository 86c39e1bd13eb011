import type { KeyRole } from '../reports/record/types.ts'
import type { Profile, Specs } from '../specs/types.ts'
import { dialects } from '../suites/dialects.ts'
import { type Bases, basesOf } from './bases.ts'
import { type Env, holds, keysFrom } from './credentials.ts'
import { openProfile } from './open-specs.ts'
import { type Origin, settingsAndOrigin } from './origin.ts'
import { chooseDialects } from './selection.ts'
import type { RunFlags } from './settings.ts'
import { UsageError } from './usage.ts'
import { assertNoKey, headersFrom, headersOf, type UserHeaders } from './user-headers.ts'
import { KEY_ROLES, type RunSettings } from './words.ts'

/** Who is asked, as what, with which keys and headers: the same for checks and for load. */
export interface PreparedTarget {
  settings: RunSettings
  origin: Origin
  specs: Specs
  profile: Profile
  /** Ids of the dialects that are asked, all of them known to assay. */
  dialects: string[]
  /** Where each is asked; absent: at the embedded gateway. */
  bases?: Bases
  /** Empty for a plan and for the embedded gateway, which has keys of its own. */
  keys: Partial<Record<KeyRole, string>>
  /** Names of the variables of the keys, where they were named. */
  names: Partial<Record<KeyRole, string>>
  /** Roles that the user set to `none`. */
  chosen: KeyRole[]
  /** Roles that there is, or will be, a key for. */
  roles: readonly KeyRole[]
  extra: UserHeaders
  seed: number
  model: string
}

const SEED = 1

/** Resolves flags, config file and environment. Sends nothing, starts nothing. Throws UsageError or SpecError. */
export function prepareTarget(flags: RunFlags, env: Env): PreparedTarget {
  const { settings, origin } = settingsAndOrigin(flags)
  const { url, urls } = settings
  if (url === undefined && urls === undefined && flags.keyEnv !== undefined) {
    throw new UsageError('--key-env goes with --url: the embedded gateway has keys of its own')
  }
  const { specs, profile } = openProfile(settings.profile, () => origin('profile'))
  const chosenDialects = chooseDialects(dialects, profile, settings.dialects, origin, specs)
  const bases = basesOf(settings, chosenDialects, profile, origin)
  const names = settings.keys ?? {}
  // A plan sends nothing, so it needs no key.
  const credentials =
    bases === undefined || flags.plan ? undefined : keysFrom(names, env, (role) => origin('keys', role))
  const keys = credentials?.keys ?? {}
  const told = Object.values(bases ?? {}).join(' ')
  if (Object.values(keys).some((key) => holds(told, key))) {
    throw new UsageError(
      'the URL holds a key: it would stand in every report; a key goes by its variable only',
    )
  }
  const headerAt = (name: string) => origin('headers', name)
  const extra = headersFrom(settings.headers ?? {}, env, {
    ...headersOf(profile, chosenDialects, specs),
    origin: headerAt,
  })
  assertNoKey(extra, profile, { keys, names }, headerAt)
  return {
    settings,
    origin,
    specs,
    profile,
    dialects: chosenDialects,
    ...(bases === undefined ? {} : { bases }),
    keys,
    names,
    chosen: KEY_ROLES.filter((role) => names[role] === 'none'),
    roles: credentials === undefined ? KEY_ROLES : (Object.keys(credentials.keys) as KeyRole[]),
    extra,
    seed: settings.seed ?? SEED,
    model: settings.model ?? profile.default_model,
  }
}
