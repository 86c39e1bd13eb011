import type { Fault } from '../fixtures/faults/faults.ts'

/** Every fault that the reference gateway can show. Loaded only when asked for: they are many. */
export async function openFaults(): Promise<Fault[]> {
  const { loadFaults } = await import('../fixtures/faults/faults.ts')
  return loadFaults()
}
