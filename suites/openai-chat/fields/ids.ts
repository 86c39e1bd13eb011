export type Question = 'accepted' | 'effect' | 'refused'

export function idOf(path: string, question: Question): string {
  return `openai-chat/field/${path}/${question}`
}

/** Rows on fields that a profile's own document does not name. */
export const UNDOCUMENTED = [
  'OAI-CHAT-undocumented-fields',
  'TH-OAI-REQ-official-fields',
  'PT-REQ-undocumented',
]

/** Row on values outside the documented type or range. It is informational: who says what is refused is the finding's affair. */
export const BAD_VALUES = 'HTTP-bad-value-refused'
