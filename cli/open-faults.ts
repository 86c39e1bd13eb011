import type { Fault } from '../fixtures/faults/faults.ts'
import type { LoadFault } from '../fixtures/faults/under-load.ts'

/** Every fault that the reference gateway can show. Loaded only when asked for: they are many. */
export async function openFaults(): Promise<Fault[]> {
  const { loadFaults } = await import('../fixtures/faults/faults.ts')
  return loadFaults()
}

/** Those that show only under load. */
export async function openLoadFaults(): Promise<LoadFault[]> {
  const { loadFaultsUnderLoad } = await import('../fixtures/faults/under-load.ts')
  return loadFaultsUnderLoad()
}
