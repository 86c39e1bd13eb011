/**
 * `npm run build`: compiles the shipped folders into `dist` and puts their data, and package.json, beside the
 * compiled code, so that a path relative to `import.meta.url` is right in both. Scenarios become the JavaScript that k6
 * reads; the engine stays source, which `assay load` builds where it is used. `dist` is replaced as a whole, last:
 * a process that starts from it never meets half a build.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { moduleFiles } from '../load/engine/module.ts'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** Folders that are shipped. The same list stands in bin/launch.js, and a test compares them. */
const SOURCES = ['cli', 'specs', 'schemas', 'suites', 'load', 'fixtures', 'reports']
/** Folders inside them that only tests read. */
const NOT_SHIPPED = new Set(['hostile', 'recordings', 'transcripts'])
const DATA = new Set(['.json', '.yaml'])

process.exitCode = build()

function build(): number {
  const started = new Date()
  const workshop = join(ROOT, '.assay', `build-${process.pid}`)
  const fresh = join(workshop, 'dist')
  const dist = join(ROOT, 'dist')
  try {
    const args = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh]
    const compiled = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
    if (compiled.status !== 0) return compiled.status ?? 1
    for (const file of ['package.json', ...SOURCES.flatMap(data), ...engine()]) {
      mkdirSync(dirname(join(fresh, file)), { recursive: true })
      cpSync(join(ROOT, file), join(fresh, file))
    }
    // The time of the start: an edit during the build must count as newer than the build.
    writeFileSync(join(fresh, '.built'), '')
    utimesSync(join(fresh, '.built'), started, started)
    if (existsSync(dist)) renameSync(dist, join(workshop, 'old'))
    renameSync(fresh, dist)
    return 0
  } finally {
    rmSync(workshop, { recursive: true, force: true })
  }
}

/** The Go sources of the load engine, with their licence: who installs assay builds it from them. */
function engine(): string[] {
  return moduleFiles().map((file) => join('load', 'k6', file))
}

/** Data files of a shipped folder, relative to the root. */
function data(folder: string): string[] {
  const path = join(ROOT, folder)
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inside = relative(ROOT, join(path, entry.name))
    // The engine's files are chosen by themselves.
    if (inside === join('load', 'k6')) return []
    if (entry.isDirectory()) return NOT_SHIPPED.has(entry.name) ? [] : data(inside)
    return DATA.has(extname(entry.name)) ? [inside] : []
  })
}
