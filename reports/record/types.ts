/**
 * The lines of `record.jsonl`, and the values that they carry.
 *
 * Everything here is plain data: it goes to JSON and back without loss. A run writes one `run` line first,
 * one `exchange` line as soon as each exchange ends (a load run: one `samples` line for the file with its rows), then one
 * `verdict` line per check and rule, and last one `summary` line. A record without a `summary` line is the record of a run that did not finish.
 */

import type { LoadFigures, LoadOrder, SamplesLine } from './load.ts'

export type { LoadFigures, LoadOrder, SamplesLine } from './load.ts'

export type VerdictWord = 'pass' | 'fail' | 'warn' | 'inconclusive' | 'skip' | 'error'
export type Level = 'must' | 'may'
export type KeyRole = 'default' | 'restricted' | 'exhausted' | 'limited' | 'revoked' | 'expired' | 'free'

/** JSON as it stands in a record. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** One header line as it came or went: name in its own spelling, value. Order and repetition are kept. */
export type HeaderPair = [name: string, value: string]

/** One read from the socket. `at`: milliseconds (float) since the first byte of the request was handed over. */
export interface Read {
  at: number
  bytes: Uint8Array
}

/** How an exchange ended. Only `complete` and `closed` are ordinary ends. */
export type End =
  /** The framing (Content-Length, last chunk, or a status without body) said that all is there. */
  | { kind: 'complete' }
  /** The body was delimited by the end of the connection, and the peer closed it in order (FIN). */
  | { kind: 'closed' }
  /** The peer closed (FIN) or reset (RST) the connection before the framing was fulfilled. */
  | { kind: 'truncated' | 'reset'; detail: string }
  /** A deadline of ours ran out. `ms` is that deadline. */
  | { kind: 'timeout'; phase: 'connect' | 'headers' | 'first-byte' | 'between-bytes' | 'total'; ms: number }
  /** A bound of ours was reached and the connection was cut by us. `max` in bytes. */
  | { kind: 'limit'; limit: 'head-bytes' | 'body-bytes'; max: number }
  /** No connection: DNS, refused, TLS. `code` is the system's or TLS's error code. */
  | { kind: 'unreachable'; code: string; detail: string }
  /** What came is not HTTP/1.1 that can be read. */
  | { kind: 'garbled'; detail: string }
  /** We hung up on purpose (`probe.hangUpAfter`). */
  | { kind: 'hung-up' }

/** A place where a secret was found and masked (at equal length, so that every other offset stays true). */
export interface Leak {
  role: KeyRole | 'wrong'
  /** `read`: the bytes of `reads` joined; `header`: the value of headers[index]. */
  part: 'read' | 'header' | 'request'
  index?: number
  offset: number
  length: number
}

/** The request as it was sent, secrets masked. */
export interface SentRequest {
  method: string
  url: string
  headers: HeaderPair[]
  /** The body as text (UTF-8), or base64 where it is not UTF-8. Absent: no body. */
  body?: string
  bodyBase64?: string
  /** A large body of our own making: `head`, `unit` so many times, `tail`. Kept in this form, not written out. */
  bodyRepeat?: { head: string; unit: string; times: number; tail: string }
}

/**
 * One probe as it happened. `reads` holds the raw bytes of the response as they came off the socket (after TLS),
 * head and chunk framing included (`wire: 'http1'`). In a transcript that somebody else recorded the transfer coding
 * is already gone: `wire: 'decoded'` (head, blank line, body), or there is no head at all: `wire: 'body'`.
 */
export interface Exchange {
  /** Identity of the probe: hex SHA-256 (first 16 digits) of its canonical JSON. */
  digest: string
  dialect: string
  request: SentRequest
  wire: 'http1' | 'decoded' | 'body'
  /** Status of the final response; 0 where none came. */
  status: number
  headers: HeaderPair[]
  reads: Read[]
  end: End
  leaks: Leak[]
  /** Wall clock, ISO 8601, when the request was handed over. */
  startedAt: string
  /**
   * Milliseconds: how long connecting took (0 when reused or unreachable); then, since the first byte of the request was
   * handed over: its last byte handed over, end seen.
   */
  timing: { connected: number; sent: number; ended: number }
  /** Whether the connection had carried an exchange before. */
  reused: boolean
  /** How often the lab sent this probe again: after a 429, or a kept connection that died unused (see `notes`). */
  retries: number
  /**
   * Answers (429) that this one came after: the same probe, sent before. They are judged by the rules like any other.
   * Their digests are this one's with `.1`, `.2` … behind.
   */
  earlier?: Exchange[]
  /** Two-ended mode: what the gateway sent to its upstream for this probe. */
  behind?: Exchange[]
  /** Remarks of the lab that are no findings, such as a disagreement with the independent decoder. */
  notes?: string[]
}

/**
 * Where in an exchange a finding points. Offsets are bytes in the decoded body unless `part` says otherwise. Under load
 * a `row` stands for an exchange: `exchange` is `row-` and its id. `samples`: the file of all rows.
 */
export interface Place {
  exchange: string
  part: 'body' | 'head' | 'status' | 'end' | 'request' | 'row' | 'samples'
  offset?: number
  length?: number
  /** JSON Pointer inside the body, the event's data, or the request body. */
  pointer?: string
  /** Number of the event in the stream, from 0. */
  event?: number
}

/** By whose word a deviation is a deviation. `decide` turns it into a verdict; a judge never does. */
export type By =
  /** The profile's documents (the check's own requirements). */
  | 'documented'
  /** The vendor's official specification. */
  | 'official'
  /** A named client breaks, such as `client:openai-node`. */
  | `client:${string}`
  /** Good practice that no document demands: a warning at most. */
  | 'should'
  /** Only to be recorded: never changes a verdict. */
  | 'observe'

/** What a judge saw. */
export interface Finding {
  /** Check or rule that saw it. */
  id: string
  by: By
  /** Contradiction whose `default_verdict` overrides, such as `C-12`. */
  contradiction?: string
  /** The requirement that this point is about, where it is not the whole check's level. */
  requirement?: string
  /** A warning at most, by the profile's own table or DESIGN's rule, whoever's word it is. */
  atMost?: 'warn'
  expected: string
  got: string
  /** Why it matters, where the check's own title does not say it. */
  why?: string
  at: Place
}

export type Fate = 'honoured' | 'ignored' | 'refused' | 'altered' | 'unobservable'

/** A row of the field-fate table. */
export interface FieldFate {
  path: string
  documented: 'honoured' | 'ignored' | 'unsupported' | 'partial' | 'undocumented'
  observed: Fate | 'accepted' | 'inconclusive'
}

/** What was checked. */
export interface Target {
  /** Base URL of the first dialect. */
  url: string
  /** Base URL of each dialect. Absent in older records: all are at `url`. */
  urls?: Record<string, string>
  /** The reference gateway, started by the run itself. */
  embedded: boolean
  dialects: string[]
  model: string
}

export interface RunLine {
  type: 'run'
  schema: 'assay/record/1'
  assay: string
  node: string
  startedAt: string
  seed: number
  target: Target
  /** The whole profile as it was used: judging again must not depend on files that change. */
  profile: JsonObject
  /** Everything else that decides which checks are asked and how (see suites/core/session.ts). */
  options: JsonObject
  digests: { profile: string; schemas: string; checks: string }
  /** `most`: requests with all tries; `mostTokens`: what they cost at most. */
  plan: { checks: number; requests: number; tokens: number; most?: number; mostTokens?: number }
  /** The order of a load run. Absent: a conformance run. */
  load?: LoadOrder
}

export interface ResumeLine {
  type: 'resume'
  at: string
  /** `--allow-unproven` was given with this resume: it holds from here on. */
  allowUnproven?: true
}

export interface ExchangeLine {
  type: 'exchange'
  exchange: Exchange
}

export interface VerdictLine {
  type: 'verdict'
  id: string
  kind: 'check' | 'rule'
  title: string
  verdict: VerdictWord
  level: Level
  /** One sentence for a person; for skip and inconclusive the reason. */
  message: string
  /**
   * For skip: `chosen` by the user, `blocked` by another check, `unavailable` (no key for the role), or `idle`: a rule for
   * something that never came up (a Retry-After, a trailer), so that nothing could break it. Only `idle` and `chosen`
   * leave a run proven.
   */
  skip?: { reason: 'chosen' | 'blocked' | 'unavailable' | 'idle'; by?: string }
  requirements: { id: string; text: string; source: string; level: string }[]
  fix: string
  findings: Finding[]
  field?: FieldFate
  /** Digests of the exchanges that were judged. */
  exchanges: string[]
  /** How often an elicited behaviour was asked for and how often it showed. */
  elicited?: { tries: number; shown: number }
}

export interface SummaryLine {
  type: 'summary'
  at: string
  totals: Record<VerdictWord, number>
  cost: { requests: number; tokens: number; seconds: number }
  exit: number
  interrupted?: true
  /** Ids that failed as the baseline says they do: they did not count. Absent: none. */
  known?: string[]
  /** Ids that the baseline lists and that no longer fail: each counts as a failure. Absent: none. */
  stale?: string[]
  /** What a load run measured. */
  load?: LoadFigures
}

export type RecordLine = RunLine | ResumeLine | ExchangeLine | SamplesLine | VerdictLine | SummaryLine
