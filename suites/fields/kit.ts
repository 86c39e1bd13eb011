import type { Exchange, Json, JsonObject } from '../../reports/record/types.ts'
import type { Check, Outcome } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'
import type { Observer } from './effect.ts'
import type { IgnoredRows } from './ignored-rows.ts'
import type { Sample } from './sample.ts'

/** What a case adds to the plain request. */
export interface Patch {
  /** Laid over the body. */
  body: JsonObject
  /** Laid over the last user turn. */
  last: JsonObject
  /** Stands before all other turns. */
  first?: JsonObject
  /** Stand before the last user turn. */
  turns: JsonObject[]
}

/** All that the generated questions about request fields must know of a dialect, beside its request schema. */
export interface FieldKit<V extends StreamView> {
  dialect: string
  view(exchange: Exchange): V
  /** The requirement document that is the vendor's own word: what only it says weighs less where a profile does not list it. */
  vendor: string
  /** The body of the plain request with a patch: where turns, `first` and the last user turn stand. */
  compose(patch: Patch): JsonObject
  /** Valid values by path that the schema cannot give; the first of a path stands in for it where another field needs it. */
  samples: Readonly<Record<string, Sample[]>>
  /** One observer for each effect that the request schema names. */
  observers: Readonly<Record<string, Observer<V>>>
  /** Questions about fields that no one field's schema can put. */
  pairs: Check<V>[]
  /** Questions about all ignored fields beside something else. */
  besideIgnored?(rows: IgnoredRows): Check<V>[]
  /** Fields that no request should hold together: documents forbid it, or gateways are known to stumble over it. */
  apart: readonly (readonly [string, string])[]
  /** Fields that do not go with a body of which `when` holds. */
  notWith: readonly { when(body: JsonObject): boolean; fields: readonly string[] }[]
  /** Keys, at any depth, that must not stand more often than `times` in one request. */
  most?: readonly { key: string; times: number }[]
  /** Groups of samples whose requests must have no limit on the output. */
  unlimited: readonly string[]
  /** Fields that must not stand alone, and a value that is right but for that. */
  dependencies: Readonly<Record<string, { fault: string; value: Json }>>
  /** Wrong requests (`undefined`: the field left out) that hand-written checks ask, too: equal probes are sent once. */
  wrongProbe?(path: string, value: Json | undefined): Probe | undefined
  /** In what the second of two answers to the plain prompt differs in kind from the first; the words of a model are no such thing. */
  sameShape(plain: V, other: V): string | undefined
  /** A refusal that does not tell which field is at fault: a should. */
  namesField(view: V, path: string): Iterable<Outcome>
  /** Models that take less than the documented range: the capability that says so, the fields, rows about it by field. */
  modelLimits?: {
    capability: string
    fields: readonly string[]
    requirements: Readonly<Record<string, string[]>>
  }
  requirements: {
    /** Rows on fields that a profile's own document does not name. */
    undocumented: string[]
    /** Rows on fields that no document knows. */
    unknown: string[]
    /** Rows on all ignored fields at once; empty where no document speaks of that. */
    ignoredTogether: string[]
  }
}
