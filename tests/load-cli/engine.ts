import { findEngine } from '../../load/engine/find.ts'

let found: Promise<string> | undefined

/** The engine as `assay load` finds it; built where it is not there yet (CI does that in a step of its own). */
export function engine(): Promise<string> {
  found ??= findEngine({ env: process.env, extension: true }).then(({ path }) => path)
  return found
}

/** Building takes minutes on a machine that has never done it. */
export const BUILD_MS = 15 * 60_000
