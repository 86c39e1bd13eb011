import { KEYS, startGateway } from '../fixtures/gateway/gateway.ts'
import type { KeyRole } from '../reports/record/types.ts'
import type { Profile } from '../specs/types.ts'
import type { Bases } from './bases.ts'

/** The reference gateway in this process, on a free port of 127.0.0.1, with made-up keys for every role it knows. */
export async function embeddedGateway(
  profile: Profile,
  seed: number,
): Promise<{ bases: Bases; keys: Partial<Record<KeyRole, string>>; close(): Promise<void> }> {
  const gateway = await startGateway({ profile, seed })
  return { bases: gateway.urls, keys: { ...KEYS }, close: () => gateway.close() }
}
