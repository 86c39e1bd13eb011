import { readFileSync } from 'node:fs'
import type { TrafficOptions } from '../fixtures/gateway/serve.ts'
import type { Secret } from '../reports/record/redact.ts'
import type { Exchange, HeaderPair, KeyRole, ResumeLine } from '../reports/record/types.ts'
import type { Profile, Specs } from '../specs/types.ts'
import type { Dialect } from '../suites/core/check.ts'
import { dialects } from '../suites/dialects.ts'
import { readBaseline } from './baseline.ts'
import type { Bases } from './bases.ts'
import { embeddedGateway } from './embedded.ts'
import { prepareTarget } from './prepare-target.ts'
import type { RecordedOptions } from './recorded-options.ts'
import { assertSelection, chooseModels, selectedOf, selectionText } from './selection.ts'
import type { RunFlags } from './settings.ts'
import { complain } from './speak.ts'
import { UsageError } from './usage.ts'
import { recordedHeaders } from './user-headers.ts'
import { version } from './version.ts'
import type { RunSettings } from './words.ts'

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

/** Decides everything about a run from its flags, its config and the environment. Sends nothing, starts nothing. */
export async function prepare(flags: RunFlags, env: NodeJS.ProcessEnv = process.env): Promise<PreparedRun> {
  const target = prepareTarget(flags, env)
  const { settings, origin, specs, profile, bases, keys, names, chosen, roles, extra, seed, model } = target
  const chosenDialects = target.dialects
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
      return startTarget(bases, profile, seed, keys, chosen)
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
  traffic?: TrafficOptions,
): Promise<Gateway> {
  if (bases !== undefined) return { bases, embedded: false, keys, close: async () => {} }
  const gateway = await embeddedGateway(profile, seed, traffic)
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
