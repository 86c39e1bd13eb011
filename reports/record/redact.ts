import { type Compiled, compile, type Find, MASK, type Secret, search } from './secret-forms.ts'
import type { Leak, Read } from './types.ts'

export { type Find, maskText, type Secret, SHORTEST_SECRET } from './secret-forms.ts'

/** Visits the stretches of the joined reads that make one text (the data of the chunks), in order. */
export type Walk = (visit: (offset: number, length: number) => void) => void

const MASK_BYTE = MASK.charCodeAt(0)

/** The same response with every form of every secret masked at equal length, and where each stood. */
export function maskBytes(
  reads: readonly Read[],
  secrets: readonly Secret[],
  walk?: Walk,
): { reads: Read[]; leaks: Leak[] } {
  const known = compile(secrets)
  const joined = Buffer.concat(reads.map((read) => read.bytes))
  const finds = search(joined.toString('latin1'), known)
  if (walk) finds.push(...searchStretches(joined, known, walk, finds))
  if (finds.length === 0) return { reads: [...reads], leaks: [] }
  finds.sort((a, b) => a.offset - b.offset || a.length - b.length)
  for (const find of finds) joined.fill(MASK_BYTE, find.offset, find.offset + find.length)
  let offset = 0
  const masked = reads.map((read) => {
    const bytes = new Uint8Array(joined.subarray(offset, offset + read.bytes.length))
    offset += read.bytes.length
    return { at: read.at, bytes }
  })
  return { reads: masked, leaks: finds.map((find) => ({ role: find.role, part: 'read', ...span(find) })) }
}

function span(find: Find): { offset: number; length: number } {
  return { offset: find.offset, length: find.length }
}

/** What straddles the framing between chunks: found in the text of the data, told piece by piece as it stands. */
function searchStretches(joined: Buffer, known: Compiled[], walk: Walk, before: Find[]): Find[] {
  const text = Buffer.allocUnsafe(joined.length)
  let filled = 0
  walk((offset, length) => {
    filled += joined.copy(text, filled, offset, offset + length)
  })
  const found = search(text.toString('latin1', 0, filled), known)
  if (found.length === 0) return []
  const pieces: Find[] = []
  let place = 0
  walk((offset, length) => {
    for (const find of found) {
      const from = Math.max(find.offset, place)
      const to = Math.min(find.offset + find.length, place + length)
      if (from < to) pieces.push({ role: find.role, offset: offset + from - place, length: to - from })
    }
    place += length
  })
  const key = (find: Find) => `${find.role} ${find.offset} ${find.length}`
  const told = new Set(before.map(key))
  return pieces.filter((piece) => !told.has(key(piece)))
}
