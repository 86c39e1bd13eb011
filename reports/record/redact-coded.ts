import type { Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'
import { maskBytes, type Secret, type Walk } from './redact.ts'
import type { Leak, Read } from './types.ts'

/** Decoders by content coding. With these flush modes a body that was cut off gives what it has. */
const DECODERS = new Map<string, () => Transform>([
  ['gzip', () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH })],
  ['deflate', () => createInflate({ finishFlush: constants.Z_SYNC_FLUSH })],
  // What many servers send under the name of deflate: without the zlib head.
  ['deflate-raw', () => createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH })],
  ['br', () => createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH })],
  ['zstd', () => createZstdDecompress({ finishFlush: constants.ZSTD_e_flush })],
])

/**
 * Masks a compressed body whole where a secret shows in it once it is decompressed: there is no masking inside.
 * `walk` visits the data of the body in the joined reads; `max` bounds the decompressed bytes that are looked at.
 */
export async function maskCoded(
  reads: readonly Read[],
  walk: Walk,
  coding: string,
  secrets: readonly Secret[],
  max: number,
): Promise<{ reads: Read[]; leaks: Leak[] }> {
  const unchanged = { reads: [...reads], leaks: [] }
  const codings = codingsOf(coding)
  if (codings.length === 0 || secrets.length === 0) return unchanged
  const joined = Buffer.concat(reads.map((read) => read.bytes))
  const stretches: [offset: number, length: number][] = []
  walk((offset, length) => stretches.push([offset, Math.min(length, joined.length - offset)]))
  const body = Buffer.concat(stretches.map(([offset, length]) => joined.subarray(offset, offset + length)))
  let text: Buffer = body
  // They were applied in the order in which they stand.
  for (const name of codings.reverse()) text = await decodeStart(text, name, max)
  const roles = new Set(maskBytes([{ at: 0, bytes: text }], secrets).leaks.map((leak) => leak.role))
  if (roles.size === 0) return unchanged
  for (const [offset, length] of stretches) joined.fill('*', offset, offset + length)
  let place = 0
  const masked = reads.map(({ at, bytes }) => {
    const start = place
    place += bytes.length
    return { at, bytes: new Uint8Array(joined.subarray(start, place)) }
  })
  const offset = stretches[0]?.[0] ?? 0
  const [last, rest] = stretches.at(-1) ?? [offset, 0]
  return {
    reads: masked,
    leaks: [...roles].map((role) => ({ role, part: 'read', offset, length: last + rest - offset })),
  }
}

/** Names of the codings that can be undone. */
function codingsOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase().replace(/^x-/, ''))
  return names.filter((name) => DECODERS.has(name))
}

/** The first `max` bytes or little more; of a body that is broken what comes before. */
async function decodeStart(body: Buffer, coding: string, max: number): Promise<Buffer> {
  // The low four bits of a zlib head are 8, and its two bytes are a multiple of 31.
  const bare =
    coding === 'deflate' && ((body[0] ?? 0) % 16 !== 8 || ((body[0] ?? 0) * 256 + (body[1] ?? 0)) % 31 !== 0)
  const decoder = DECODERS.get(bare ? 'deflate-raw' : coding)!()
  const parts: Buffer[] = []
  let size = 0
  decoder.end(body)
  try {
    for await (const part of decoder) {
      if (!Buffer.isBuffer(part)) continue
      parts.push(part)
      size += part.length
      if (size >= max) break
    }
  } catch {
    // A judge will say that the body is broken; here only keys are looked for.
  }
  return Buffer.concat(parts)
}
