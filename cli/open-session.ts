import type { Secret } from '../reports/record/redact.ts'
import type { Exchange, HeaderPair, KeyRole, RecordLine, VerdictLine } from '../reports/record/types.ts'
import type { Profile, Specs } from '../specs/types.ts'
import type { Dialect } from '../suites/core/check.ts'
import { Lab, type Sender } from '../suites/core/lab.ts'
import { costOf, type Plan } from '../suites/core/plan.ts'
import { Session } from '../suites/core/session.ts'
import type { Missing } from '../suites/core/source.ts'
import { Awaited } from './awaited.ts'
import { type Bases, originOf } from './bases.ts'
import { byRole } from './by-role.ts'
import { type ConnectionFailure, connectionFailure } from './connection-failure.ts'
import { interruptible } from './interruptible.ts'
import { advising } from './missing-key.ts'
import type { RecordedOptions } from './recorded-options.ts'
import { spentOn } from './spent.ts'
import { wireClient } from './wire-client.ts'

/** Everything that one live run needs. Nothing in it is read from the environment or the disk. */
export interface LiveSession {
  specs: Specs
  profile: Profile
  dialects: Dialect[]
  options: RecordedOptions
  bases: Bases
  embedded: boolean
  keys: Partial<Record<KeyRole, string>>
  headers: HeaderPair[]
  /** Parts of `headers` to be masked. */
  secrets: Secret[]
  seed: number
  version: string
  /** PEM of the authority to trust. */
  ca?: string
  /** Exchanges of an interrupted run of the same target: they are not sent again. */
  recorded?: ReadonlyMap<string, Exchange>
  /** Ends the run early: nothing more is sent, what is under way is cut, the rest is inconclusive. */
  signal?: AbortSignal
  /** Gets every line of the record in its order; for a resumed run without the run line. */
  write?(line: RecordLine): void
  onPlan?(plan: Plan): void
  onExchange?(exchange: Exchange): void
  onVerdict?(line: VerdictLine): void
  /** What the run waits for, where much of what is left hangs. */
  onWaiting?(text: string): void
}

/** A credential that no gateway can have given out. */
const WRONG_KEY = 'sk-assay-this-key-was-never-issued-0000000000'

/** A session over a lab that sends for real, with what tells how far it got. */
export interface OpenSession {
  session: Session
  lab: Lab
  /** Spent by an earlier run whose record is gone on with. */
  spent: { requests: number; tokens: number }
  /** What is under way. */
  awaited: Awaited
  /** Code and detail, where the target could not be reached at all. */
  unreachable(): ConnectionFailure | undefined
  /** Nothing that comes after this is recorded. */
  close(): Promise<void>
}

/** Everything a run asks with, opened: the session may be run whole, or one check at a time. */
export function openSession(live: LiveSession): OpenSession {
  const { specs, profile, dialects, options, signal } = live
  const recorded = new Map([...(live.recorded ?? [])].filter(([, x]) => !connectionFailure(x)))
  const spent = spentOn(recorded.values(), dialects)
  const client = wireClient({ origin: originOf(live.bases), ...live })
  const awaited = new Awaited(options.deadlines)
  let reached = recorded.size > 0
  let unreachable: ConnectionFailure | undefined
  let over = false

  const lab = new Lab({
    sender: withSecrets(watched(client, awaited), live.secrets),
    bases: live.bases,
    promises: profile.dialects,
    keys: live.keys,
    chosen: new Set(options.session.roles.chosen),
    headers: live.headers,
    concurrency: options.concurrency,
    maxRequests: bound(options.max_requests, spent.requests),
    maxTokens: bound(options.max_tokens, spent.tokens),
    cost(resolved) {
      const dialect = dialects.find(({ id }) => id === resolved.probe.dialect)
      return dialect === undefined ? 0 : costOf(resolved, dialect)
    },
    recorded,
    onExchange(exchange) {
      // What our own interruption cut short says nothing about the gateway.
      if (over || signal?.aborted) return
      const failure = connectionFailure(exchange)
      if (failure === undefined) reached = true
      else if (!reached) {
        unreachable ??= failure
        lab.stop({ missing: 'unreachable', text: `${live.bases[exchange.dialect]}: ${failure.detail}` })
      }
      try {
        live.write?.({ type: 'exchange', exchange })
      } catch (error) {
        // What cannot be recorded is not to be asked: each answer costs its sender money.
        lab.stop({ missing: 'stopped', text: `the record cannot be written: ${(error as Error).message}` })
        throw error
      }
      live.onExchange?.(exchange)
    },
    sleep: (ms) => pause(ms, signal),
    userAgent: `assay/${live.version}`,
    wrongKey: WRONG_KEY,
  })
  const interrupted: Missing = { missing: 'stopped', text: 'interrupted' }
  const source = byRole(interruptible(advising(lab), interrupted, signal), options.session.roles)
  signal?.addEventListener('abort', () => lab.stop(interrupted), { once: true })
  const session = new Session({ specs, profile, dialects, options: options.session, source }, (line) =>
    live.onVerdict?.(line),
  )

  return {
    session,
    lab,
    spent,
    awaited,
    unreachable: () => unreachable,
    async close() {
      over = true
      await client.close()
    },
  }
}

function watched(sender: Sender, awaited: Awaited): Sender {
  return {
    async send(request) {
      const ended = awaited.begin(performance.now())
      try {
        return await sender.send(request)
      } finally {
        ended()
      }
    },
  }
}

/** The lab knows the keys; what else is secret in the user's headers is added here. */
function withSecrets(sender: Sender, secrets: Secret[]): Sender {
  if (secrets.length === 0) return sender
  return { send: (request) => sender.send({ ...request, secrets: [...request.secrets, ...secrets] }) }
}

function bound(most: number | null, spent: number): number {
  return most === null ? Number.MAX_SAFE_INTEGER : Math.max(0, most - spent)
}

/** Waits, but not beyond the end of the run. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
