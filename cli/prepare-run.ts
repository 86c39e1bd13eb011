import { readFileSync } from 'node:fs'
import type { Secret } from '../reports/record/redact.ts'
import type { Exchange, HeaderPair, KeyRole, ResumeLine } from '../reports/record/types.ts'
import type { Profile, Specs } from '../specs/types.ts'
import type { Dialect } from '../suites/core/check.ts'
import { dialects } from '../suites/dialects.ts'
import { readBaseline } from './baseline.ts'
import { type Bases, basesOf } from './bases.ts'
import { holds, keysFrom } from './credentials.ts'
import { embeddedGateway } from './embedded.ts'
import { openProfile } from './open-specs.ts'
import { settingsAndOrigin } from './origin.ts'
import type { RecordedOptions } from './recorded-options.ts'
import { assertSelection, chooseDialects, chooseModels, selectedOf, selectionText } from './selection.ts'
import type { RunFlags } from './settings.ts'
import { complain } from './speak.ts'
import { UsageError } from './usage.ts'
import { assertNoKey, headersFrom, headersOf, recordedHeaders } from './user-headers.ts'
import { version } from './version.ts'
import { KEY_ROLES, type RunSettings } from './words.ts'

/** Where a run goes to, once it is there. */
export interface Gateway {
  bases: Bases
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
  /** Where each dialect is asked; absent: at the embedded gateway. */
  bases?: Bases
  ca?: string
  out?: string
  /** What the user should know before anything is sent: what stands in for the gateway, what the selection leaves out. */
  notes: string[]
  /** Hears what a run that stands still waits for. */
  onWaiting(text: string): void
  resume?: {
    dir: string
    recorded: ReadonlyMap<string, Exchange>
    /** What the resume line tells beside its time. */
    more: Omit<ResumeLine, 'type' | 'at'>
  }
  start(): Promise<Gateway>
}

const CONCURRENCY = { remote: 8, embedded: 32 }
const SEED = 1

/** Decides everything about a run from its flags, its config and the environment. Sends nothing, starts nothing. */
export async function prepare(flags: RunFlags, env: NodeJS.ProcessEnv = process.env): Promise<PreparedRun> {
  const { settings, origin } = settingsAndOrigin(flags)
  const { url, urls } = settings
  const stand = url === undefined && urls === undefined
  if (stand && flags.keyEnv !== undefined) {
    throw new UsageError('--key-env goes with --url: the embedded gateway has keys of its own')
  }
  const { specs, profile } = openProfile(settings.profile, () => origin('profile'))
  const chosenDialects = chooseDialects(dialects, profile, settings.dialects, origin, specs)
  const bases = basesOf(settings, chosenDialects, profile, origin)
  const names = settings.keys ?? {}
  const seed = settings.seed ?? SEED
  // A plan sends nothing, so it needs no key.
  const credentials =
    bases === undefined || flags.plan ? undefined : keysFrom(names, env, (role) => origin('keys', role))
  const told = Object.values(bases ?? {}).join(' ')
  if (Object.values(credentials?.keys ?? {}).some((key) => holds(told, key))) {
    throw new UsageError(
      'the URL holds a key: it would stand in every report; a key goes by its variable only',
    )
  }
  const chosen = KEY_ROLES.filter((role) => names[role] === 'none')
  const roles = credentials === undefined ? KEY_ROLES : (Object.keys(credentials.keys) as KeyRole[])
  const headerAt = (name: string) => origin('headers', name)
  const extra = headersFrom(settings.headers ?? {}, env, {
    ...headersOf(profile, chosenDialects, specs),
    origin: headerAt,
  })
  assertNoKey(extra, profile, { keys: credentials?.keys ?? {}, names }, headerAt)
  const model = settings.model ?? profile.default_model
  const activated = chooseModels(profile, model, settings.models, origin)
  // The embedded gateway serves whatever the profile names.
  const models = bases === undefined ? profile.models.map((one) => one.id) : activated
  const options: RecordedOptions = {
    session: {
      dialects: chosenDialects,
      model,
      models,
      level: settings.level ?? 'may',
      checks: settings.checks ?? [],
      suites: settings.suites ?? [],
      roles: { chosen, given: roles.filter((role) => !chosen.includes(role)) },
    },
    keys: names,
    headers: recordedHeaders(extra),
    concurrency: settings.concurrency ?? (bases === undefined ? CONCURRENCY.embedded : CONCURRENCY.remote),
    max_requests: settings.max_requests ?? null,
    max_tokens: settings.max_tokens ?? null,
    deadlines: settings.deadlines ?? {},
    limits: settings.limits ?? {},
    tls: settings.tls ?? {},
    baseline: settings.baseline === undefined ? [] : readBaseline(settings.baseline),
    allow_unproven: settings.allow_unproven ?? false,
  }
  assertSelection(dialects, profile, specs, options.session, options.baseline, origin)
  const selected = selectedOf(dialects, profile, specs, options.session)
  if (selected !== undefined) options.selected = selected
  const notes = [
    bases === undefined
      ? `no --url: the embedded reference gateway stands in for profile ${profile.id}`
      : undefined,
    selectionText(dialects, profile, specs, options.session),
  ].filter((note) => note !== undefined)
  return {
    specs,
    profile,
    dialects,
    options,
    notes,
    ...extra,
    seed,
    version: version(),
    ...(bases === undefined ? {} : { bases }),
    ...authority(settings),
    ...(settings.out === undefined ? {} : { out: settings.out }),
    onWaiting,
    start() {
      for (const note of notes) complain(note)
      return startTarget(bases, profile, seed, credentials?.keys ?? {}, chosen)
    },
  }
}

/** On a terminal the bar is wiped first; its next step draws it again below. */
export function onWaiting(text: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  complain(text)
}

/** The target itself, or the reference gateway with made-up keys. */
export async function startTarget(
  bases: Bases | undefined,
  profile: Profile,
  seed: number,
  keys: Partial<Record<KeyRole, string>>,
  chosen: readonly KeyRole[],
): Promise<Gateway> {
  if (bases !== undefined) return { bases, embedded: false, keys, close: async () => {} }
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
