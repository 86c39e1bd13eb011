import { nearest } from '../specs/nearest.ts'
import { UsageError } from './usage.ts'

/** `unknown profile "opnai"; the nearest is "openai"`, or the known words where none is near. */
export function unknownWord(kind: string, word: string, known: Iterable<string>): string {
  const words = [...known]
  const inside = words.filter((known) => holdsParts(known, word))
  const near = inside.length === 1 ? inside[0] : nearest(word, words)
  if (near !== undefined) return `unknown ${kind} "${word}"; the nearest is "${near}"`
  const most = 12
  if (inside.length > 1) {
    const more = inside.length > most ? `, … (${inside.length} in all)` : ''
    return `unknown ${kind} "${word}"; it is part of ${inside.slice(0, most).join(', ')}${more}`
  }
  const shown = words.slice(0, most).join(', ')
  const listed = words.length === 0 ? 'none' : words.length > most ? `${shown}, …` : shown
  return `unknown ${kind} "${word}"; known: ${listed}`
}

/** Whether `word` is one or more whole parts of `known`, as `tools/required` is of `openai-chat/tools/required`. */
function holdsParts(known: string, word: string): boolean {
  return word !== '' && `/${known}/`.includes(`/${word.replace(/^\/|\/$/g, '')}/`)
}

/** Throws unless every word is known. `at`: where a word was given, as a message begins with it. */
export function assertKnown(
  kind: string,
  words: Iterable<string>,
  known: Iterable<string>,
  at: (word: string) => string = () => '',
): void {
  const all = new Set(known)
  for (const word of words) {
    if (!all.has(word)) throw new UsageError(at(word) + unknownWord(kind, word, all))
  }
}
