import type { Exchange, Json, JsonObject, KeyRole } from '../../reports/record/types.ts'

/**
 * One request, declared as data. Two probes with the same canonical JSON are one: the lab sends it once.
 *
 * Placeholders in strings of `body`: `$model` is the model under test. If the body is a JSON object that has no limit
 * on the output, the session adds the profile's `limit_field` with `limit` (default 48 tokens, `null`: none).
 */
export interface Probe {
  dialect: string
  /** Default: POST. */
  method?: string
  /** Path below the base URL. Default: the dialect's path. */
  path?: string
  /** Sent as JSON, keys in the order given. */
  body?: JsonObject
  /** Sent as it stands, instead of `body`: malformed JSON, duplicate keys. */
  text?: string
  /** A large body: `head`, then `unit` so many times, then `tail`. In `head`, `$model` and `$limit` (the profile's `limit_field`) are filled in. */
  repeat?: { head: string; unit: string; times: number; tail: string }
  /**
   * Laid over the dialect's own headers, and those over the defaults (accept, accept-encoding, user-agent, content-type,
   * and the header in which the profile has the key). null removes one; `$key` is the role's key.
   */
  headers?: Record<string, string | null>
  /** Which key authenticates. `none`: no credential; `wrong`: a key that cannot be valid. Default: `default`. */
  keyRole?: KeyRole | 'none' | 'wrong'
  limit?: number | null
  /** Milliseconds for the whole exchange where it differs from the lab's deadline. */
  deadline?: number
  /** Makes an otherwise equal probe a different one: it is sent again. */
  fresh?: string
  /** `raw`: by hand over a socket (headers that no client library sends, wrong Content-Length …). */
  wire?: 'raw'
  /** Hang up after this many bytes of body. */
  hangUpAfter?: number
  /** Two-ended mode: what the upstream shall do. */
  upstream?: Json
}

/** A step that cannot be asked because an earlier one did not give what it needs. */
export interface Blocked {
  blocked: string
}

/**
 * One step a turn. A function sees the exchanges of the same conversation so far and gives the next probe, or says
 * why there is none (`blocked`), or `undefined`: nothing more to ask. It must be pure: judging again calls it again.
 */
export type Step = Probe | Follow

export interface Follow {
  (sofar: Exchange[]): Probe | Blocked | undefined
  /**
   * Asks only where something went wrong before: the plan counts it in its worst case alone. Every probe that it may
   * give; the same objects each time, since they are made and resolved once.
   */
  contingent?: () => readonly Probe[]
}
