import type { Finding, VerdictLine, VerdictWord } from '../../../reports/record/types.ts'
import { LOAD_VERDICTS, type LoadVerdict } from './list.ts'

/** What came of a question. */
export interface Answer {
  verdict: VerdictWord
  message: string
  findings?: Finding[]
  /** For skip. */
  reason?: 'idle' | 'chosen'
}

export function lineOf(id: string, answer: Answer): VerdictLine {
  const known = LOAD_VERDICTS.find((one) => one.id === id)
  if (known === undefined) throw new Error(`no load verdict ${id}`)
  return line(known, answer)
}

export function line(about: LoadVerdict, { verdict, message, findings = [], reason }: Answer): VerdictLine {
  return {
    type: 'verdict',
    id: about.id,
    kind: about.kind,
    title: about.title,
    verdict,
    level: about.level,
    message,
    ...(reason === undefined ? {} : { skip: { reason } }),
    requirements: [],
    fix: about.fix,
    findings,
    exchanges: [],
  }
}

/** `1 answer`, `1,234 answers`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`
}
