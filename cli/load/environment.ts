import type { Secret } from '../../reports/record/redact.ts'
import type { HeaderPair, KeyRole } from '../../reports/record/types.ts'

/** Of the user's environment, k6 gets only these: no proxy, no setting of k6's own, nothing that a key may hide in. */
const PASSED = [
  'TMPDIR',
  'TZ',
  'SystemRoot',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GOGC',
  'GOMAXPROCS',
  'GOMEMLIMIT',
  'GODEBUG',
]

/** The environment of k6, and where in it the order finds what is secret. */
export interface EngineEnvironment {
  env: Record<string, string>
  /** Key role to variable. */
  keys: Record<string, string>
  /** Name of a secret header to variable. */
  secretHeaders: Record<string, string>
}

/**
 * Everything that k6 sees. Keys go this way only: a command line can be read by every process of the machine, a file is
 * kept.
 */
export function engineEnvironment(given: {
  env: Readonly<Record<string, string | undefined>>
  orderFile: string
  keys: Partial<Record<KeyRole, string>>
  headers: readonly HeaderPair[]
  secrets: readonly Secret[]
  /** What k6 is given besides. */
  more: Readonly<Record<string, string>>
}): EngineEnvironment {
  const env: Record<string, string> = {
    ASSAY_ORDER: given.orderFile,
    ASSAY_PARENT: String(process.pid),
    K6_NO_USAGE_REPORT: 'true',
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    NO_PROXY: '*',
    no_proxy: '*',
  }
  for (const name of PASSED) {
    const value = given.env[name]
    if (value !== undefined) env[name] = value
  }
  Object.assign(env, given.more)
  const keys: Record<string, string> = {}
  for (const [role, key] of Object.entries(given.keys)) {
    const variable = `ASSAY_LOAD_KEY_${role.toUpperCase()}`
    keys[role] = variable
    env[variable] = key
  }
  const secretHeaders: Record<string, string> = {}
  for (const [i, [name, value]] of given.headers
    .filter(([, value]) => isSecret(value, given.secrets))
    .entries()) {
    const variable = `ASSAY_LOAD_HEADER_${i + 1}`
    secretHeaders[name.toLowerCase()] = variable
    env[variable] = value
  }
  return { env, keys, secretHeaders }
}

/** Whether a header's value holds something that must not be written down. */
export function isSecret(value: string, secrets: readonly Secret[]): boolean {
  return secrets.some((secret) => value.includes(secret.value))
}
