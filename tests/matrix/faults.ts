/** All faults of the matrix, in the same order in every thread: the written ones, then the generated families. */

import { faultFamilies } from '../../fixtures/faults/families.ts'
import { type Fault, loadFaults } from '../../fixtures/faults/faults.ts'
import type { Specs } from '../../specs/types.ts'
import { familyData } from './family-data.ts'

export function allFaults(specs: Specs): Fault[] {
  return [...loadFaults(), ...faultFamilies(familyData(specs))]
}

/** Names a fault: the same deviation may be shown in several dialects. */
export function faultKey({ id, dialect }: Pick<Fault, 'id' | 'dialect'>): string {
  return `${dialect} ${id}`
}
