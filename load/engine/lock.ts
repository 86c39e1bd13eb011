import { readFileSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Runs `work` while this process alone holds `file`. Where another holds it, waits until it is free or `ready` says that
 * there is nothing left to do (then undefined). A lock whose process has died does not count. It saves work, nothing
 * more: what two would do at once must come out right without it.
 */
export async function locked<T>(
  file: string,
  work: () => Promise<T>,
  wait: { ready(): boolean; onWaiting(pid: number): void; signal: AbortSignal | undefined; everyMs?: number },
): Promise<T | undefined> {
  let told = false
  while (!take(file)) {
    const holder = holderOf(file)
    if (holder === undefined || !isAlive(holder)) {
      rmSync(file, { force: true })
      continue
    }
    if (!told) wait.onWaiting(holder)
    told = true
    await pause(wait.everyMs ?? 250, wait.signal)
    if (wait.ready()) return undefined
  }
  try {
    return wait.ready() ? undefined : await work()
  } finally {
    rmSync(file, { force: true })
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function holderOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim())
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
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
