import { type ConfigFile, readConfigFile } from './config.ts'
import { type RunFlags, settingsFrom } from './settings.ts'
import type { RunSettings } from './words.ts'

/** Where a setting was made: `assay.yaml:3:6: ` for the config file, nothing for the command line. */
export type Origin = (key: keyof RunSettings, item?: string) => string

/** Config file and command line as one, and where each setting comes from. */
export function settingsAndOrigin(flags: RunFlags): { settings: RunSettings; origin: Origin } {
  const file = flags.config === undefined ? undefined : readConfigFile(flags.config)
  const settings = settingsFrom(flags, file?.settings ?? {})
  return { settings, origin: originOf(flags, file) }
}

/** Flags that take the place of a key of the config file. */
const FLAGS: Partial<Record<keyof RunSettings, keyof RunFlags>> = {
  profile: 'profile',
  url: 'url',
  // An address on the command line is the address of all.
  urls: 'url',
  model: 'model',
  dialects: 'dialect',
  suites: 'suite',
  checks: 'check',
  baseline: 'baseline',
}

/** Flags that take the place of single items of a map. */
const OVERLAID: Partial<Record<keyof RunSettings, (flags: RunFlags, item: string) => boolean>> = {
  keys: ({ keyEnv }, role) => role === 'default' && keyEnv !== undefined,
  headers: ({ header = [] }, name) =>
    header.some((text) => text.split(':')[0]!.trim().toLowerCase() === name.toLowerCase()),
}

function originOf(flags: RunFlags, file: ConfigFile | undefined): Origin {
  return (key, item) => {
    const flag = FLAGS[key]
    if (file === undefined || (flag !== undefined && flags[flag] !== undefined)) return ''
    if (item !== undefined && OVERLAID[key]?.(flags, item)) return ''
    const value = file.settings[key]
    if (value === undefined) return ''
    const { line, column } = file.yaml.problem([key, ...stepTo(value, item)], '')
    return `${file.yaml.name}:${line}:${column}: `
  }
}

/** To an item of a list, or a key of a map. */
function stepTo(value: unknown, item: string | undefined): (string | number)[] {
  if (item === undefined) return []
  if (!Array.isArray(value)) return [item]
  const index = value.indexOf(item)
  return index < 0 ? [] : [index]
}
