import type { Fault } from '../fixtures/faults/faults.ts'

/** Every fault that the reference gateway can show. */
export async function openFaults(): Promise<Fault[]> {
  try {
    const { loadFaults } = await import('../fixtures/faults/faults.ts')
    return loadFaults()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return []
    throw error
  }
}
