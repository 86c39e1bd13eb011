/** What a run needs of the world: in k6 it is the extension, in tests a clock that is moved by hand. */
import type { Ask, Outcome, Result } from 'k6/x/assay'

export type { Ask, Outcome, Result }

export interface Engine {
  /** Milliseconds since the run's start. */
  now(): number
  sleep(ms: number): Promise<void>
  /** Never rejects for what the gateway does. */
  ask(ask: Ask): Promise<Result>
  drop(dropped: { planned_ms: number; phase: string; why: 'streams' | 'cap' }): void
  note(name: string, value: object): void
  gap(kind: 'itl' | 'icl', phase: string, quantile: number): number | null
  /** Ends the whole run; the words reach the person who started it. */
  stop(why: string): void
  /** The key of a role. Throws where there is none. */
  key(role: string): string
}

/** One of several virtual users that share the work. */
export interface Share {
  index: number
  of: number
}

/** What this share has of a number of streams: they differ by one at most. */
export function part(total: number, { index, of }: Share): number {
  return Math.floor(total / of) + (index < total % of ? 1 : 0)
}
