/** What goes between the matrix and its threads. */
import type { Assessment, Verdicts } from './assess.ts'
import type { Site } from './sites.ts'
import type { Subjects } from './subjects.ts'

export type Job =
  | { kind: 'baseline'; site: Site }
  | { kind: 'fault'; site: Site; id: string }
  | { kind: 'variations'; site: Site; ids: string[]; fields: boolean }

interface Cost {
  /** Requests that went over the wire. */
  sent: number
  ms: number
}

export interface VariationSaid {
  id: string
  site: Site
  /** Verdicts that are not what they were. */
  changed: string[]
  /** Whether it changed a single answer. */
  touched: boolean
  /** Shown with others, and no verdict changed; else alone. */
  inCompany: boolean
}

export type Answer =
  | { kind: 'baseline'; site: Site; subjects: Subjects; verdicts: Verdicts; ms: number }
  | ({ kind: 'fault'; dialect: string; assessment: Assessment } & Cost)
  | ({ kind: 'variations'; variations: VariationSaid[] } & Cost)
  | { kind: 'broken'; text: string }
