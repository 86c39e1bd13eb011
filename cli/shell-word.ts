/** A word as a POSIX shell takes it: quoted where it would take a character of it for its own (`[]`, `*`, a space). */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
