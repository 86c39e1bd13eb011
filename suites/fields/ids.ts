export type Question = 'accepted' | 'effect' | 'ignored' | 'refused'

export function idOf(dialect: string, path: string, question: Question): string {
  return `${dialect}/field/${path}/${question}`
}

export function plainOf(dialect: string): string {
  return `${dialect}/plain/reply`
}

/** Row on values outside the documented type or range. It is informational: who says what is refused is the finding's affair. */
export const BAD_VALUES = 'HTTP-bad-value-refused'
