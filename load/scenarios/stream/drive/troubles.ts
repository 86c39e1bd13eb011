/** The gateway's own words for what went wrong: rows have no room for them. Pure. */
import type { Result } from './engine.ts'

/** What came of the first request that ended in some way, for a note. */
export interface Trouble {
  /** Id of the row. */
  row: number
  outcome: string
  /** Class of the error; null where there is none. */
  error: string | null
  /** 0: no answer. */
  status: number
  said: string
}

const MOST_WORDS = 300
/** More kinds than there are outcomes and errors: statuses may be any number. */
const MOST_KINDS = 50

export class Troubles {
  readonly #seen = new Set<string>()

  /** The first result of each kind that did not go well and has words to it. */
  tell(result: Result): Trouble | undefined {
    const { id, outcome, error, status } = result
    if (outcome === 'finished' || outcome === 'hung-up' || outcome === 'stopped') return undefined
    if (error?.class === 'capped' || error?.class === 'stopped') return undefined
    const kind = `${outcome} ${error?.class ?? ''} ${outcome === 'refused' ? status : ''}`
    if (this.#seen.has(kind) || this.#seen.size >= MOST_KINDS) return undefined
    const said = wordsOf(result)
    if (said === '') return undefined
    this.#seen.add(kind)
    return { row: id, outcome, error: error?.class ?? null, status, said }
  }
}

/** What there is to say of a result that did not go well, in one line; '' for nothing. */
export function wordsOf(result: Result): string {
  return said(result).replace(/\s+/g, ' ').trim().slice(0, MOST_WORDS)
}

function said({ outcome, status, error, body = '', headers }: Result): string {
  if (outcome === 'refused') {
    const to = status < 400 ? header(headers, 'location') : undefined
    return to === undefined ? body : `to ${to}`
  }
  if (error !== undefined) return error.detail
  const type = header(headers, 'content-type')
  return type === undefined || /^text\/event-stream\b/i.test(type) ? '' : `the answer is ${type}`
}

/** A header of the answer, however it is spelt. */
export function header(headers: Record<string, string>, wanted: string): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1]
}
