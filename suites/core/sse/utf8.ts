/** A run of bytes that is no UTF-8. `cut`: the input ends there, and more bytes could have made it a code point. */
export interface IllFormed {
  offset: number
  length: number
  cut: boolean
}

/** Finds at most `max` runs of ill-formed UTF-8 (Unicode 15, table 3-7). Adjoining ones are one run. */
export function illFormed(bytes: Uint8Array, max: number): IllFormed[] {
  const found: IllFormed[] = []
  let i = 0
  while (i < bytes.length) {
    const lead = bytes[i] as number
    if (lead < 0x80) {
      i++
      continue
    }
    const want = trailing(lead)
    let got = 0
    while (got < want && continues(lead, got, bytes[i + 1 + got])) got++
    if (want > 0 && got === want) {
      i += 1 + want
      continue
    }
    const last = found.at(-1)
    const cut = want > 0 && i + 1 + got >= bytes.length
    if (last && last.offset + last.length === i && !cut) last.length += 1 + got
    else if (found.length < max) found.push({ offset: i, length: 1 + got, cut })
    else return found
    i += 1 + got
  }
  return found
}

/** Number of bytes at the end that begin a code point and lack the rest of it. */
export function cutTail(bytes: Uint8Array): number {
  for (let size = 1; size <= 3 && size <= bytes.length; size++) {
    const at = bytes.length - size
    const lead = bytes[at] as number
    const want = trailing(lead)
    if (want === 0) continue
    if (want < size) return 0
    for (let k = 0; k < size - 1; k++) if (!continues(lead, k, bytes[at + 1 + k])) return 0
    return size
  }
  return 0
}

/** Number of bytes that must follow; 0 where no code point starts so. */
function trailing(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 1
  if (lead >= 0xe0 && lead <= 0xef) return 2
  if (lead >= 0xf0 && lead <= 0xf4) return 3
  return 0
}

function continues(lead: number, position: number, byte: number | undefined): boolean {
  if (byte === undefined) return false
  let low = 0x80
  let high = 0xbf
  if (position === 0) {
    if (lead === 0xe0) low = 0xa0
    else if (lead === 0xed) high = 0x9f
    else if (lead === 0xf0) low = 0x90
    else if (lead === 0xf4) high = 0x8f
  }
  return byte >= low && byte <= high
}
