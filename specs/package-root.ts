import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

let found: string | undefined

/** Absolute path of the folder of this package. Compiled code lies in `dist/`, YAML and JSON stay at the root. */
export function packageRoot(): string {
  found ??= climb(dirname(fileURLToPath(import.meta.url)))
  return found
}

function climb(folder: string): string {
  const manifest = join(folder, 'package.json')
  if (existsSync(manifest)) {
    const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
    if (typeof content === 'object' && content !== null && 'name' in content && content.name === 'assay')
      return folder
  }
  const parent = dirname(folder)
  if (parent === folder) throw new Error('assay is installed without its package.json')
  return climb(parent)
}
