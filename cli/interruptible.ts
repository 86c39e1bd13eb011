import type { Missing, Source } from '../suites/core/source.ts'

/** A source that answers `missing` to everything, what is under way included, from the moment that `signal` aborts. */
export function interruptible(source: Source, missing: Missing, signal: AbortSignal | undefined): Source {
  if (signal === undefined) return source
  const aborted = new Promise<Missing>((resolve) => {
    if (signal.aborted) resolve(missing)
    else signal.addEventListener('abort', () => resolve(missing), { once: true })
  })
  return {
    async ask(resolved) {
      if (signal.aborted) return missing
      return Promise.race([source.ask(resolved), aborted])
    },
  }
}
