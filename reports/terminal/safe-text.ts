/**
 * Text from a gateway, made harmless for a terminal and for XML: whatever could move the cursor, colour, hide or turn
 * text around is shown as an escape such as `\u001b`. Everything printed that we did not write goes through here.
 */

/** Control, format (bidirectional overrides, zero-width), surrogate, unassigned; line and paragraph separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/u
const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu')
/** More marks than any script stacks on one letter: text that runs over its neighbours. */
const STACKED = /(?<=\p{M}{4})\p{M}/gu
const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** One line, safe to print. Backslashes that were there stay as they are: it is for the eye, not for a parser. */
export function safeText(text: string): string {
  return text.replace(UNSAFE_ALL, escapeChar).replace(STACKED, escapeChar)
}

/** Whether the text holds anything that `safeText` would show as an escape of its own accord. */
export function isUnsafe(text: string): boolean {
  return UNSAFE.test(text)
}

/** The visible escape of one code point. */
export function escapeChar(char: string): string {
  const short = SHORT[char]
  if (short) return short
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}
