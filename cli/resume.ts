import { readRecord } from '../reports/record/read.ts'
import type { KeyRole, RunLine } from '../reports/record/types.ts'
import { select } from '../suites/core/select.ts'
import { dialects } from '../suites/dialects.ts'
import { type Bases, basesOf, recordedBases } from './bases.ts'
import { keysFrom } from './credentials.ts'
import { digestsOf } from './digests.ts'
import { openSpecs } from './open-specs.ts'
import { authority, onWaiting, type PreparedRun, startTarget } from './prepare-run.ts'
import { allowsUnproven, optionsFromJson, profileFromJson } from './recorded-options.ts'
import { type RunFlags, settingsOf } from './settings.ts'
import { UsageError } from './usage.ts'
import { assertNoKey, headersFrom, headersOf } from './user-headers.ts'
import { version } from './version.ts'

/** Flags that may stand beside --resume. Everything else is in the record. */
const BESIDE = new Set([
  'resume',
  'keyEnv',
  'header',
  'url',
  'profile',
  'model',
  'allowUnproven',
  'concurrency',
])

/** The run of an interrupted record, to be gone on with: same profile, options and target; keys come again. */
export async function resumedRun(
  dir: string,
  flags: RunFlags,
  env: NodeJS.ProcessEnv = process.env,
): Promise<PreparedRun> {
  const foreign = Object.keys(flags).find((flag) => !BESIDE.has(flag))
  if (foreign !== undefined) {
    throw new UsageError(`--resume: --${dashed(foreign)} cannot stand beside it; what the record says holds`)
  }
  const record = await readRecord(dir)
  if (record.run.load !== undefined) {
    throw new UsageError(
      `--resume ${dir}: that is the record of a load run, which cannot be gone on with; begin it anew (assay load)`,
    )
  }
  if (record.complete && record.summary?.exit !== 3) {
    throw new UsageError(`--resume ${dir}: that run came to its end; there is nothing to go on with`)
  }
  const { run } = record
  const profile = profileFromJson(run)
  const settings = settingsOf(flags)
  const options = optionsFromJson(run.options)
  const bases = recordedBases(run.target)
  assertSameTarget(
    dir,
    { url: targetText(bases), profile: profile.id, model: run.target.model },
    {
      url: targetText(basesOf(settings, options.session.dialects, profile)),
      profile: settings.profile,
      model: settings.model,
    },
  )
  const names = { ...options.keys, ...settings.keys }
  const specs = openSpecs(profile)
  assertSameChecks(dir, run, digestsOf(profile, select(dialects, profile, specs, options.session)))
  const { roles } = options.session
  const credentials = run.target.embedded ? { keys: {} } : keysFrom(names, env)
  if (!run.target.embedded) assertSameRoles(roles.given, Object.keys(credentials.keys))
  const extra = headersFrom(headersAgain(options.headers, settings.headers ?? {}), env, {
    ...headersOf(profile, options.session.dialects, specs),
    wasSecret: (name) => options.headers.some(([known, value]) => known === name && value === null),
  })
  assertNoKey(extra, profile, { keys: credentials.keys, names }, () => '')
  if (settings.concurrency !== undefined) options.concurrency = settings.concurrency
  options.allow_unproven = settings.allow_unproven ?? allowsUnproven(record)
  return {
    specs,
    profile,
    dialects,
    options,
    ...extra,
    seed: run.seed,
    version: version(),
    ...(run.target.embedded ? {} : { bases }),
    ...authority(options),
    notes: [],
    onWaiting,
    resume: { dir, recorded: record.exchanges, more: settings.allow_unproven ? { allowUnproven: true } : {} },
    start: () =>
      startTarget(
        run.target.embedded ? undefined : bases,
        profile,
        run.seed,
        credentials.keys,
        roles.chosen as KeyRole[],
      ),
  }
}

type Named = Record<'url' | 'profile' | 'model', string | undefined>

function assertSameTarget(dir: string, before: Named, given: Named): void {
  for (const key of ['url', 'profile', 'model'] as const) {
    const now = given[key]
    if (now === undefined || now === before[key]) continue
    throw new UsageError(`--resume ${dir}: that run had ${key} ${before[key]}, not ${now}; start a new one`)
  }
}

/** The addresses in words: one, or each with its dialect. */
function targetText(bases: Bases | undefined): string | undefined {
  if (bases === undefined) return undefined
  const [first, ...others] = new Set(Object.values(bases))
  if (others.length === 0) return first
  return Object.entries(bases)
    .map(([id, base]) => `${base} (${id})`)
    .join(', ')
}

/** The run line says what the whole record was judged by: half a run by other checks would make it untrue. */
function assertSameChecks(dir: string, { assay, digests }: RunLine, now: RunLine['digests']): void {
  const same = assay === version() && digests.checks === now.checks && digests.schemas === now.schemas
  if (same) return
  throw new UsageError(
    `--resume ${dir}: assay ${assay} began it with other checks or schemas than this assay ${version()} has; ` +
      'start a new run (assay judge shows what the record tells so far)',
  )
}

/** The same roles must have keys, or checks that were judged would now be skipped, and the other way round. */
function assertSameRoles(before: readonly string[], now: readonly string[]): void {
  const lost = before.find((role) => !now.includes(role))
  if (lost !== undefined) throw new UsageError(`--resume: that run had a key of role ${lost}; give it again`)
  const added = now.find((role) => !before.includes(role))
  if (added !== undefined) {
    throw new UsageError(
      `--resume: that run had no key of role ${added}; unset its variable, or start a new run`,
    )
  }
}

/** Headers of the record; those that are secret are not in it and must be given again. */
function headersAgain(
  before: readonly [name: string, value: string | null][],
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const again: Record<string, string> = {}
  const fresh = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]))
  for (const [name, value] of before) {
    const now = fresh.get(name.toLowerCase())
    fresh.delete(name.toLowerCase())
    if (value === null && now === undefined) {
      throw new UsageError(
        `--resume: the value of header ${name} is a secret; give it again (--header ${name}:…)`,
      )
    }
    if (value !== null && now !== undefined && now !== value) {
      throw new UsageError(`--resume: that run had another value for header ${name}`)
    }
    again[name] = now ?? value ?? ''
  }
  const [added] = fresh.keys()
  if (added !== undefined) throw new UsageError(`--resume: that run had no header ${added}`)
  return again
}

function dashed(flag: string): string {
  return flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
