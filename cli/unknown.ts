import { nearest } from '../specs/nearest.ts'
import { UsageError } from './usage.ts'

/** `unknown profile "opnai"; the nearest is "openai"`, or the known words where none is near. */
export function unknownWord(kind: string, word: string, known: Iterable<string>): string {
  const words = [...known]
  const near = nearest(word, words)
  if (near !== undefined) return `unknown ${kind} "${word}"; the nearest is "${near}"`
  const most = 12
  const shown = words.slice(0, most).join(', ')
  const listed = words.length === 0 ? 'none' : words.length > most ? `${shown}, …` : shown
  return `unknown ${kind} "${word}"; known: ${listed}`
}

/** Throws unless every word is known. */
export function assertKnown(kind: string, words: Iterable<string>, known: Iterable<string>): void {
  const all = new Set(known)
  for (const word of words) if (!all.has(word)) throw new UsageError(unknownWord(kind, word, all))
}
