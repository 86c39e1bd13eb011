import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The Go module of the engine, in a clone and in an installed package alike. */
export const MODULE = fileURLToPath(new URL('../k6/', import.meta.url))

/** What `go test` reads and `go build` does not. */
const FOR_TESTS = /(?:_test\.go|\.fuzz)$/
const FOLDERS_FOR_TESTS = new Set(['testdata'])

/**
 * The files that make the engine, relative to the module, in a fixed order: those that are shipped, and those that the key
 * of the build cache is made of.
 */
export function moduleFiles(module = MODULE): string[] {
  return below(module, '').sort()
}

function below(module: string, folder: string): string[] {
  return readdirSync(join(module, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return FOLDERS_FOR_TESTS.has(entry.name) ? [] : below(module, path)
    return FOR_TESTS.test(entry.name) ? [] : [path]
  })
}

/** 16 hex digits over names and bytes of everything that a build depends on: papers do not count. */
export function moduleDigest(module = MODULE): string {
  const hash = createHash('sha256')
  for (const file of moduleFiles(module)) {
    if (file === 'LICENSE' || file.endsWith('.md')) continue
    const bytes = readFileSync(join(module, file))
    hash.update(`${file}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex').slice(0, 16)
}
