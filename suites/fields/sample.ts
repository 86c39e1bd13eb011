import type { Json, JsonObject } from '../../reports/record/types.ts'

/**
 * Valid values that a schema cannot give: where they stand, and what they need beside them. What is not here follows
 * from the schema: members of closed lists, bounds, defaults, booleans, null.
 */
export interface Sample {
  value: Json
  /** Laid over the request body. Default: the value at the field's own path (`[]` is the first item). */
  body?: JsonObject
  /** Laid over the last user turn. */
  last?: JsonObject
  /** Stands before all other turns. */
  first?: JsonObject
  /** Stand before the last user turn. */
  turns?: JsonObject[]
  /** Fields of which the first sample has to be there too. Default: the object that holds the field. */
  needs?: string[]
  /** Shares a request only with samples of the same group. */
  group?: string
  /** What the model must be able to do. */
  capability?: string
  /** Only the vendor's specification says so: a profile that does not follow it is warned at most. */
  official?: true
}
