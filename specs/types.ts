/** What is documented: requirements, contradictions, profiles. Loaded from YAML by `specs/load.ts`. */

export type RequirementLevel = 'must' | 'ignored' | 'unsupported' | 'some-models' | 'informational'
/** Who says that a bad value is refused: this document, only the vendor's official specification, nobody. */
export type Refusal = 'stated' | 'official' | 'unstated'

/** One thing that a document says. */
export interface Requirement {
  id: string
  /** Profiles that this row binds. */
  profiles: string[]
  /** It binds whoever lists its file, a profile that is known only from a record too. */
  everywhere?: true
  level: RequirementLevel
  /** The statement, in our own words. */
  text: string
  /** `document:line`, one per profile at least; official facts name the artefact and its version. */
  source: string[]
  refusal?: Refusal
  /** Only observed, never failed. */
  expect?: 'observe'
  /** For `some-models`: the capability that makes it a must. */
  capability?: string
  contradictions?: string[]
  /** The requirement file that holds the row: a name of `Profile.documents`. */
  document: string
  /** For authors of checks: how the row can be seen from outside, and what weighs how much. No judge reads it. */
  hint?: string
  /** Why no check can be bound to it. A requirement has this, or a check. */
  untestable?: string
}

/** A document that requirement rows cite. */
export interface Document {
  /** What stands before `:`, `@` or a space in `Requirement.source`. */
  id: string
  title: string
  kind: 'page' | 'artefact' | 'standard'
  /** The version that is cited, as `id@version`. */
  version?: string
  /** Other versions that are cited too. */
  also?: string[]
  date?: string
  digest?: string
  url?: string
  /** Number of its lines, where sources give lines. */
  lines?: number
}

/** Two documents (or a document and the official specification) that disagree, and what to do about it. */
export interface Contradiction {
  id: string
  title: string
  says: string
  against: string
  treat: string
  /** Verdict on the point that it names; absent where the row only explains. */
  verdict?: 'fail' | 'warn' | 'pass'
}

export type DocumentedFate = 'honoured' | 'ignored' | 'unsupported' | 'partial'

/** What a profile promises about one request field. The path is that of the schema: `a.b`, `a[].b`. */
export interface FieldPromise {
  fate: DocumentedFate
  requirements: string[]
  /** Narrower than the schema's own range or enum, where the document says so. */
  minimum?: number
  maximum?: number
  values?: (string | number | boolean | null)[]
  refusal?: Refusal
  /** Capability of the model without which the promise does not bind. */
  capability?: string
  /** Contradiction that says what a refusal is where the field is documented as ignored. */
  contradiction?: string
}

/** What a profile says about one kind of bad request. */
export interface ErrorPromise {
  /** Statuses that pass. Empty: any 4xx. */
  status: number[]
  /** What another 4xx is: `warn` or `fail`. */
  otherwise: 'warn' | 'fail'
  /** What acceptance (2xx) is, by strength of the source. */
  refusal: Refusal
  requirements: string[]
  /** Values of error.type / error.code that pass, where the document gives them. */
  type?: string[]
  code?: string[]
}

/** The situations that an error table knows. */
export type ErrorSituation =
  | 'no-key'
  | 'wrong-key'
  | 'malformed-json'
  | 'wrong-content-type'
  | 'missing-model'
  | 'missing-messages'
  | 'wrong-type'
  | 'unknown-model'
  | 'wrong-method'
  | 'wrong-path'
  | 'oversize'

/** A header that carries the key, after a scheme word where there is one. */
export interface KeyForm {
  header: string
  scheme?: string
}

export interface DialectPromise {
  base_urls: { url: string; region?: string }[]
  path: string
  /** The version of the API that is under test, where the dialect has versions: `2023-06-01`. */
  version?: string
  /** Headers that every client of the dialect sends, such as anthropic-version. Probes may change or remove them. */
  headers?: Record<string, string>
  /** Where the key goes. `also`: other forms in which the same key has to be taken. */
  auth: KeyForm & { also?: KeyForm[] }
  /** The field that limits the output: probes are bounded with it. */
  limit_field: string
  fields: Record<string, FieldPromise>
  /** Fate of fields that the document does not name. */
  undocumented: 'observed'
  /**
   * Keys that a response must carry wherever their parent is there, by JSON path with `[]`; a contradiction id
   * softens one.
   */
  response: Record<string, { requirements: string[]; contradiction?: string }>
  chunk: Record<string, { requirements: string[]; contradiction?: string }>
  errors: Partial<Record<ErrorSituation, ErrorPromise>>
  /** Sample-client rules that hold here (ids of the dialect's `clients/`). */
  clients: string[]
}

export interface ModelPromise {
  id: string
  requirements: string[]
  dialects: string[]
  /** Such as tools, vision, thinking, logprobs, json_schema. */
  capabilities: string[]
}

export interface Profile {
  id: string
  title: string
  /** Requirement files whose rows bind, where they name this profile or one of `bases`. */
  documents: string[]
  /** The profiles that a user's own profile extends, nearest first. */
  bases?: string[]
  /** Rows that a user's own profile brings along; their document is the profile's id. */
  requirements?: Requirement[]
  /** Rows that the user's own profile contradicts, or names as not promised: they do not bind it. */
  withdrawn?: string[]
  dialects: Record<string, DialectPromise>
  default_model: string
  models: ModelPromise[]
  /** Tiers beside `documented` that the profile undertakes to meet: `client:openai-node`, `official`. */
  claims: string[]
  limits?: {
    requests_per_minute?: number
    tokens_per_minute?: number
    context_tokens?: number
    key_role?: string
    requirements: string[]
  }[]
}

export interface Specs {
  documents: Map<string, Document>
  requirements: Map<string, Requirement>
  contradictions: Map<string, Contradiction>
  profiles: Map<string, Profile>
  /** Id of the user's own profile, where one was loaded. */
  own?: string
}
