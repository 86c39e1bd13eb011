import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { TrafficOptions } from '../../fixtures/gateway/serve.ts'
import type { KeyRole } from '../../reports/record/types.ts'
import { startTarget } from '../prepare-run.ts'
import { parseLimiter } from '../serve/limiter.ts'
import { parsePace } from '../serve/pace.ts'
import { JOURNAL_FILE } from './judge.ts'
import type { PreparedLoad } from './prepare.ts'
import { isLimits } from './scenarios.ts'

/** Where the load goes to, once it is there. */
export interface LoadTarget {
  /** Base URL of the dialect. */
  base: string
  embedded: boolean
  keys: Partial<Record<KeyRole, string>>
  roles: KeyRole[]
  /** What k6 needs in its environment for this target. */
  environment: Record<string, string>
  close(): Promise<void>
}

/** The authority that the user trusts, as a file: `k6/http` has no other way to be told. */
const CA_FILE = 'ca.pem'

/** The target itself, or the reference gateway in this process. */
export async function openTarget(prepared: PreparedLoad, dir: string): Promise<LoadTarget> {
  const { target, dialect, scenario, ca } = prepared
  const traffic = trafficOf(prepared, dir)
  const gateway = await startTarget(
    target.bases,
    target.profile,
    target.seed,
    target.keys,
    target.chosen,
    traffic,
  )
  const base = gateway.bases[dialect]
  if (base === undefined) throw new Error(`the target has no ${dialect}`)
  const environment: Record<string, string> = {}
  if (ca !== undefined && isLimits(scenario)) {
    const file = path.resolve(dir, CA_FILE)
    writeFileSync(file, ca)
    environment.SSL_CERT_FILE = file
  }
  // A soak watches the memory of the gateway, where it can: here it is this process.
  if (gateway.embedded && scenario === 'soak') environment.ASSAY_WATCH_PID = String(process.pid)
  return {
    base,
    embedded: gateway.embedded,
    keys: gateway.keys,
    roles: Object.keys(gateway.keys) as KeyRole[],
    environment,
    close: () => gateway.close(),
  }
}

/** How the embedded gateway behaves where nobody says otherwise: a usual model, and a limit that is soon found. */
const USUAL = { pace: 'first_ms=100,tokens_per_s=50', rpm: 'requests=30/3s', tpm: 'tokens=3000/3s' }

function trafficOf({ scenario, pace, limiter }: PreparedLoad, dir: string): TrafficOptions {
  const limit = isLimits(scenario) ? [USUAL[scenario]] : undefined
  const speed = isLimits(scenario) ? undefined : USUAL.pace
  const chosenPace = pace ?? speed
  const chosenLimit = limiter ?? limit
  return {
    ...(chosenPace === undefined ? {} : { pace: parsePace(chosenPace) }),
    ...(chosenLimit === undefined ? {} : { limiter: parseLimiter(chosenLimit) }),
    ...(scenario === 'selftest' ? { sends: { file: path.join(dir, JOURNAL_FILE) } } : {}),
  }
}

/** The address of an embedded gateway that has not been started: for a plan. */
export function standIn({ target, dialect }: PreparedLoad): string {
  const [first] = target.profile.dialects[dialect]?.base_urls ?? []
  return `http://127.0.0.1:0${first === undefined ? '' : new URL(first.url).pathname.replace(/\/+$/, '')}`
}
