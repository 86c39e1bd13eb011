import { KEYS, startGateway } from '../fixtures/gateway/gateway.ts'
import type { TrafficOptions } from '../fixtures/gateway/serve.ts'
import type { KeyRole } from '../reports/record/types.ts'
import type { Profile } from '../specs/types.ts'
import type { Bases } from './bases.ts'

/**
 * The reference gateway in this process, on a free port of 127.0.0.1, with made-up keys for every role it knows.
 * `traffic`: what makes it one for load, which nobody asks afterwards what it was sent.
 */
export async function embeddedGateway(
  profile: Profile,
  seed: number,
  traffic?: TrafficOptions,
): Promise<{ bases: Bases; keys: Partial<Record<KeyRole, string>>; close(): Promise<void> }> {
  const more = traffic === undefined ? {} : { ...traffic, remember: false }
  const gateway = await startGateway({ profile, seed, ...more })
  return { bases: gateway.urls, keys: { ...KEYS }, close: () => gateway.close() }
}
