/** Finds the code to run: the compiled `dist`, or in a clone whose sources are newer, the sources themselves. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { enableCompileCache } from 'node:module'

const ROOT = new URL('../', import.meta.url)
/** What is compiled or copied into `dist`. The same list stands in scripts/build.ts, and a test compares them. */
const SOURCES = ['cli', 'specs', 'schemas', 'suites', 'load', 'fixtures', 'reports']

/** Exit status of a defect of assay itself (the contract's `error`). */
const OWN_FAULT = 3

/** Runs the command line; sets `process.exitCode` and lets the process end by itself, so that pipes are flushed. */
export async function launch(argv) {
  // Code compiled once is kept in the system's temporary folder: it saves about a third of a second a run.
  enableCompileCache()
  try {
    const { main } = await import(entry(ROOT).href)
    process.exitCode = await main(argv)
  } catch (error) {
    console.error('assay: a defect of assay itself, not of the gateway:')
    console.error(error)
    process.exitCode = OWN_FAULT
  }
}

/**
 * A package that npm packed has no sources, only `dist`. In a clone `dist` counts only while nothing in the sources
 * is younger than the build: a stale build would judge by yesterday's rules. (Inside node_modules Node refuses to
 * strip types, so the package could not run its sources anyway.)
 */
export function entry(root) {
  const compiled = new URL('dist/cli/main.js', root)
  const source = new URL('cli/main.ts', root)
  return existsSync(source) && !isFresh(root) ? source : compiled
}

function isFresh(root) {
  const stamp = statSync(new URL('dist/.built', root), { throwIfNoEntry: false })
  return stamp !== undefined && SOURCES.every((name) => notAfter(new URL(`${name}/`, root), stamp.mtimeMs))
}

/** Whether neither the folder nor anything in it changed after `time` (a folder's own time tells of removed files). */
function notAfter(folder, time) {
  const itself = statSync(folder, { throwIfNoEntry: false })
  if (itself === undefined) return true
  if (itself.mtimeMs > time) return false
  return readdirSync(folder, { withFileTypes: true }).every((entry) =>
    entry.isDirectory()
      ? notAfter(new URL(`${encodeURIComponent(entry.name)}/`, folder), time)
      : statSync(new URL(encodeURIComponent(entry.name), folder)).mtimeMs <= time,
  )
}
