import fs from 'node:fs'
import path from 'node:path'

const LOCK_FILE = 'record.lock'

/**
 * Marks the record in `dir` as being written by this process. Returns the id of the process that writes it already, if
 * there is one; what a killed process left behind does not count.
 */
export function takeLock(dir: string): number | undefined {
  const file = path.join(dir, LOCK_FILE)
  try {
    fs.writeFileSync(file, `${process.pid}\n`, { flag: 'wx' })
    return undefined
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const holder = holderOf(file)
  if (holder !== undefined && holder !== process.pid && isAlive(holder)) return holder
  fs.writeFileSync(file, `${process.pid}\n`)
  return undefined
}

/** Takes the mark away, where it is ours. */
export function releaseLock(dir: string): void {
  const file = path.join(dir, LOCK_FILE)
  if (holderOf(file) === process.pid) fs.rmSync(file, { force: true })
}

function holderOf(file: string): number | undefined {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8').trim())
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
