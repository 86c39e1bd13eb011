import fs from 'node:fs'
import path from 'node:path'

/**
 * Makes a folder with those above it that are missing. Throws what the system says of the first that cannot be made.
 *
 * Not `mkdirSync` with `recursive`: where the system says ENOENT of a folder whose parent is there (as in /proc), that goes
 * round for ever.
 */
export function makeFolder(dir: string): void {
  const missing: string[] = []
  let at = path.resolve(dir)
  while (!fs.existsSync(at)) {
    missing.push(at)
    at = path.dirname(at)
  }
  for (const one of missing.reverse()) {
    try {
      fs.mkdirSync(one)
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}
