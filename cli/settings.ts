import { readConfigFile } from './config.ts'
import { UsageError } from './usage.ts'
import type { RunSettings } from './words.ts'

/** The options of `assay run` as commander hands them over. */
export interface RunFlags {
  config?: string
  profile?: string
  url?: string
  keyEnv?: string
  model?: string
  header?: string[]
  dialect?: string[]
  suite?: string[]
  check?: string[]
  level?: 'must' | 'may'
  baseline?: string
  maxRequests?: number
  maxTokens?: number
  concurrency?: number
  seed?: number
  plan?: boolean
  resume?: string
  allowUnproven?: boolean
  out?: string
}

/** Config file and command line as one; the command line wins, list by list and header by header. */
export function settingsOf(flags: RunFlags): RunSettings {
  return settingsFrom(flags, flags.config === undefined ? {} : readConfigFile(flags.config).settings)
}

/** The same over settings that have been read. */
export function settingsFrom(flags: RunFlags, config: RunSettings): RunSettings {
  const settings = { ...config }
  if (flags.profile !== undefined) settings.profile = flags.profile
  if (flags.url !== undefined) {
    settings.url = flags.url
    // Keys would go where nobody looks any more.
    delete settings.urls
  }
  if (flags.keyEnv !== undefined) settings.keys = { ...settings.keys, default: flags.keyEnv }
  if (flags.model !== undefined) settings.model = flags.model
  if (flags.header !== undefined) settings.headers = mergeHeaders(settings.headers ?? {}, flags.header)
  if (flags.dialect !== undefined) settings.dialects = flags.dialect
  if (flags.suite !== undefined) settings.suites = flags.suite
  if (flags.check !== undefined) settings.checks = flags.check
  if (flags.level !== undefined) settings.level = flags.level
  if (flags.baseline !== undefined) settings.baseline = flags.baseline
  if (flags.maxRequests !== undefined) settings.max_requests = flags.maxRequests
  if (flags.maxTokens !== undefined) settings.max_tokens = flags.maxTokens
  if (flags.concurrency !== undefined) settings.concurrency = flags.concurrency
  if (flags.seed !== undefined) settings.seed = flags.seed
  if (flags.allowUnproven !== undefined) settings.allow_unproven = flags.allowUnproven
  if (flags.out !== undefined) settings.out = flags.out
  return settings
}

function mergeHeaders(before: Record<string, string>, given: string[]): Record<string, string> {
  const merged = { ...before }
  for (const text of given) {
    const colon = text.indexOf(':')
    if (colon < 1)
      throw new UsageError('--header: it must be name:value (not repeated here: it may hold a secret)')
    const name = text.slice(0, colon).trim()
    for (const other of Object.keys(merged)) {
      if (other.toLowerCase() === name.toLowerCase()) delete merged[other]
    }
    merged[name] = text.slice(colon + 1).trim()
  }
  return merged
}
