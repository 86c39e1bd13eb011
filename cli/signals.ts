import { EXIT } from './exit.ts'

export interface Interruption {
  signal: AbortSignal
  /** Gives SIGINT and SIGTERM back. */
  release(): void
}

/** The first SIGINT or SIGTERM aborts `signal`; the second ends the process at once. `told` hears of the first. */
export function onInterrupt(told: () => void): Interruption {
  const controller = new AbortController()
  const heard = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    told()
    controller.abort()
  }
  process.on('SIGINT', heard)
  process.on('SIGTERM', heard)
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', heard)
      process.off('SIGTERM', heard)
    },
  }
}
