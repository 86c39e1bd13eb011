import { readFileSync } from 'node:fs'
import type { Secret } from '../reports/record/redact.ts'
import type { Exchange, HeaderPair, KeyRole } from '../reports/record/types.ts'
import type { Profile, Specs } from '../specs/types.ts'
import type { Dialect } from '../suites/core/check.ts'
import { dialects } from '../suites/dialects.ts'
import { readBaseline } from './baseline.ts'
import { headersFrom, keysFrom } from './credentials.ts'
import { embeddedGateway } from './embedded.ts'
import { openProfile } from './open-specs.ts'
import type { RecordedOptions } from './recorded-options.ts'
import { assertSelection, chooseDialects } from './selection.ts'
import { type RunFlags, settingsOf } from './settings.ts'
import { baseUrl } from './target.ts'
import { UsageError } from './usage.ts'
import { version } from './version.ts'
import { KEY_ROLES, type RunSettings } from './words.ts'

/** Where a run goes to, once it is there. */
export interface Gateway {
  base: string
  embedded: boolean
  keys: Partial<Record<KeyRole, string>>
  close(): Promise<void>
}

/** A run with nothing left to be decided. `start` brings up the embedded gateway where there is no other. */
export interface PreparedRun {
  specs: Specs
  profile: Profile
  dialects: Dialect[]
  options: RecordedOptions
  headers: HeaderPair[]
  secrets: Secret[]
  seed: number
  version: string
  ca?: string
  out?: string
  resume?: { dir: string; recorded: ReadonlyMap<string, Exchange> }
  start(): Promise<Gateway>
}

const CONCURRENCY = { remote: 8, embedded: 32 }
const SEED = 1

/** Decides everything about a run from its flags, its config and the environment. Sends nothing, starts nothing. */
export async function prepare(flags: RunFlags, env: NodeJS.ProcessEnv = process.env): Promise<PreparedRun> {
  const settings = settingsOf(flags)
  const base = settings.url === undefined ? undefined : baseUrl(settings.url)
  if (base === undefined && flags.keyEnv !== undefined) {
    throw new UsageError('--key-env goes with --url: the embedded gateway has keys of its own')
  }
  const { specs, profile } = openProfile(settings.profile)
  const names = settings.keys ?? {}
  const seed = settings.seed ?? SEED
  // A plan sends nothing, so it needs no key.
  const credentials = base === undefined || flags.plan ? undefined : keysFrom(names, env)
  const chosen = KEY_ROLES.filter((role) => names[role] === 'none')
  const roles = credentials === undefined ? KEY_ROLES : (Object.keys(credentials.keys) as KeyRole[])
  const promises = Object.values(profile.dialects)
  const extra = headersFrom(
    settings.headers ?? {},
    env,
    promises.map((promise) => promise.auth.header),
  )
  const options: RecordedOptions = {
    session: {
      dialects: chooseDialects(dialects, profile, settings.dialects),
      model: settings.model ?? profile.default_model,
      level: settings.level ?? 'may',
      checks: settings.checks ?? [],
      suites: settings.suites ?? [],
      roles: { chosen, given: roles.filter((role) => !chosen.includes(role)) },
    },
    keys: names,
    headers: extra.headers.map(([name, value]) => [name, isSecret(value, extra.secrets) ? null : value]),
    concurrency: settings.concurrency ?? (base === undefined ? CONCURRENCY.embedded : CONCURRENCY.remote),
    max_requests: settings.max_requests ?? null,
    max_tokens: settings.max_tokens ?? null,
    deadlines: settings.deadlines ?? {},
    limits: settings.limits ?? {},
    tls: settings.tls ?? {},
    baseline: settings.baseline === undefined ? [] : readBaseline(settings.baseline),
    allow_unproven: settings.allow_unproven ?? false,
  }
  assertSelection(dialects, profile, specs, options.session, options.baseline)
  return {
    specs,
    profile,
    dialects,
    options,
    ...extra,
    seed,
    version: version(),
    ...authority(settings),
    ...(settings.out === undefined ? {} : { out: settings.out }),
    start: () => startTarget(base, profile, seed, credentials?.keys ?? {}, chosen),
  }
}

/** The target itself, or the reference gateway with made-up keys. */
export async function startTarget(
  base: string | undefined,
  profile: Profile,
  seed: number,
  keys: Partial<Record<KeyRole, string>>,
  chosen: readonly KeyRole[],
): Promise<Gateway> {
  if (base !== undefined) return { base, embedded: false, keys, close: async () => {} }
  const gateway = await embeddedGateway(profile, seed)
  const given = Object.entries(gateway.keys).filter(([role]) => !chosen.includes(role as KeyRole))
  return { ...gateway, embedded: true, keys: Object.fromEntries(given) }
}

export function authority(settings: Pick<RunSettings, 'tls'>): { ca?: string } {
  const file = settings.tls?.ca
  if (file === undefined) return {}
  try {
    return { ca: readFileSync(file, 'utf8') }
  } catch (error) {
    throw new UsageError(`tls.ca ${file}: ${(error as Error).message}`)
  }
}

function isSecret(value: string, secrets: readonly Secret[]): boolean {
  return secrets.some((secret) => value.includes(secret.value))
}
