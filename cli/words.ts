import type { Json, Scenario, Slo } from '../load/order.ts'
import type { KeyRole } from '../reports/record/types.ts'

export const KEY_ROLES: readonly KeyRole[] = [
  'default',
  'restricted',
  'exhausted',
  'limited',
  'revoked',
  'expired',
  'free',
]

/** Where the key of a role is looked for when nobody says: `ASSAY_KEY`, `ASSAY_KEY_RESTRICTED`, … */
export function defaultKeyName(role: KeyRole): string {
  return role === 'default' ? 'ASSAY_KEY' : `ASSAY_KEY_${role.toUpperCase()}`
}

/** Milliseconds a phase may take, as the config names them. */
export interface DeadlineOptions {
  connect?: number
  headers?: number
  first_byte?: number
  between_bytes?: number
  total?: number
}

/** What `assay load` can be told, as the config names it. Durations are texts: `500ms`, `30s`, `5m`, `1h`. */
export interface LoadSettings {
  streams?: number
  rate?: number
  arrivals?: 'closed' | 'constant' | 'poisson'
  duration?: string
  warmup?: string
  calibrate?: number
  models?: string[]
  prompts?: string
  prompt_tokens?: number | [number, number]
  max_tokens?: number | [number, number]
  stream_share?: number
  tools_share?: number
  caps?: { requests?: number; tokens?: number; duration?: string; rate?: number }
  /** Milliseconds. */
  deadlines?: Partial<Record<'connect' | 'headers' | 'first_token' | 'between' | 'total' | 'drain', number>>
  slo?: Slo[]
  limits?: LoadLimits
  /** Knobs of single scenarios. */
  scenarios?: Partial<Record<Scenario, Record<string, Json>>>
}

/** What rpm and tpm are expected to find. */
export interface LoadLimits {
  rpm?: number
  tpm?: number
  window?: string
  algorithm?: string
  per?: string
}

/** Everything that a run can be told, by file or by command line (which wins). Names are those of the config file. */
export interface RunSettings {
  profile?: string
  url?: string
  /** By dialect, where it is not at the place that the profile and `url` give. */
  urls?: Record<string, string>
  model?: string
  /** Models of the profile that are activated for the key; the model to ask is one in any case. */
  models?: string[]
  /** Name of the environment variable that holds the key, or `none`. */
  keys?: Partial<Record<KeyRole, string>>
  headers?: Record<string, string>
  dialects?: string[]
  suites?: string[]
  checks?: string[]
  level?: 'must' | 'may'
  max_requests?: number
  max_tokens?: number
  concurrency?: number
  seed?: number
  deadlines?: DeadlineOptions
  limits?: { head_bytes?: number; body_bytes?: number }
  tls?: { ca?: string; insecure?: boolean }
  out?: string
  baseline?: string
  allow_unproven?: boolean
  load?: LoadSettings
}
