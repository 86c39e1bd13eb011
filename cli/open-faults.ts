import type { Twist } from '../fixtures/gateway/gateway.ts'
import type { Profile } from '../specs/types.ts'

/** A fault as the command line sees it. */
export interface ListedFault {
  id: string
  title?: string
  /** Checks and rules that must turn red, and those that may. */
  must: string[]
  may: string[]
  twist: Twist | Twist[]
}

/** Every fault that the reference gateway can show as this profile. */
export async function openFaults(profile: Profile): Promise<ListedFault[]> {
  void profile
  return []
}
