/** What goes between the matrix and its threads. */
import type { Assessment, Verdicts } from './assess.ts'
import type { Subjects } from './subjects.ts'

export type Job =
  | { kind: 'baseline'; profile: string }
  | { kind: 'fault'; profile: string; id: string }
  | { kind: 'variation'; profile: string; id: string; fields: boolean }

interface Cost {
  /** Requests that went over the wire. */
  sent: number
  ms: number
}

export interface VariationAnswer extends Cost {
  kind: 'variation'
  id: string
  profile: string
  /** Verdicts that are not what they were. */
  changed: string[]
  /** Whether it changed a single answer. */
  touched: boolean
}

export type Answer =
  | { kind: 'baseline'; profile: string; subjects: Subjects; verdicts: Verdicts; ms: number }
  | ({ kind: 'fault'; assessment: Assessment } & Cost)
  | VariationAnswer
  | { kind: 'broken'; text: string }
