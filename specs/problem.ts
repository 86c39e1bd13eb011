/** One thing that is wrong in a specification file. Lines and columns count from 1; 0: the file itself, not a place in it. */
export interface SpecProblem {
  file: string
  line: number
  column: number
  /** Path of the key, such as `dialects.openai-chat.fields.stop.fate`; '' is the whole file. */
  key: string
  message: string
  /** The nearest valid word. */
  suggestion?: string
}

/** Everything that is wrong in the files that were read, in the order of files and lines. */
export class SpecError extends Error {
  readonly problems: SpecProblem[]

  constructor(problems: SpecProblem[]) {
    const sorted = problems.toSorted(
      (a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1) || a.line - b.line || a.column - b.column,
    )
    super(sorted.map(problemText).join('\n'))
    this.name = 'SpecError'
    this.problems = sorted
  }
}

/** `file:line:column: key: message (did you mean …?)` */
function problemText(problem: SpecProblem): string {
  const where = problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`
  const key = problem.key === '' ? '' : `${problem.key}: `
  const hint = problem.suggestion === undefined ? '' : ` (did you mean ${problem.suggestion}?)`
  return `${where}: ${key}${problem.message}${hint}`
}

/** A path of keys and indexes as people write it: `models[2].id`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  )
}
