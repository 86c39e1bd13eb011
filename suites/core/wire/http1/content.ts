import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib'
import type { Exchange, HeaderPair } from '../../../../reports/record/types.ts'
import type { BodyPart } from '../http1.ts'

/** Codings that one body may have on top of each other. */
const MOST_CODINGS = 4

export interface DecodedContent {
  /** After content coding. What could be read where it is `corrupt`; as sent where the coding is unknown; else none. */
  bytes: Uint8Array
  /** `bomb`: it would be longer than the bound. */
  problem?: 'bomb' | 'corrupt' | 'unknown-coding'
  /** What is wrong, for a person; '' where nothing is. */
  text: string
}

/**
 * Undoes Content-Encoding. `maxBytes` bounds the length after it. A `decoded` wire may have lost the coding already
 * (`curl --compressed` keeps the header): there a body that is not in the coding is taken as it is.
 */
export function decodeContent(
  parts: readonly BodyPart[],
  headers: readonly HeaderPair[],
  maxBytes: number,
  wire: Exchange['wire'] = 'http1',
): DecodedContent {
  const raw = parts.length === 1 && parts[0] ? parts[0].bytes : Buffer.concat(parts.map((part) => part.bytes))
  const codings = headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.split(','))
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (raw.length === 0 || codings.length === 0) return { bytes: raw, text: '' }
  if (codings.length > MOST_CODINGS) {
    return { bytes: raw, problem: 'unknown-coding', text: `${codings.length} content codings are not undone` }
  }
  let bytes: Uint8Array = raw
  for (const coding of codings.reverse()) {
    const decoded = decode(bytes, coding, maxBytes)
    if (decoded.problem) {
      const asIs = wire === 'decoded' && decoded.problem === 'corrupt' && decoded.bytes.length === 0
      return asIs ? { bytes: raw, text: '' } : decoded
    }
    bytes = decoded.bytes
  }
  return { bytes, text: '' }
}

function decode(bytes: Uint8Array, coding: string, maxBytes: number): DecodedContent {
  const name = JSON.stringify(coding.slice(0, 40))
  const run = decoder(bytes, coding)
  if (!run) return { bytes, problem: 'unknown-coding', text: `the content coding ${name} is not known` }
  try {
    return { bytes: run(maxBytes, false), text: '' }
  } catch (error) {
    if (isTooLarge(error)) return bomb(maxBytes)
    const text = `the body is not ${name} as its Content-Encoding says: ${(error as Error).message}`
    return { bytes: beginning(run, maxBytes), problem: 'corrupt', text }
  }
}

type Run = (maxBytes: number, cut: boolean) => Uint8Array

/** Decoder of a coding. `cut`: the input may end early. */
function decoder(bytes: Uint8Array, coding: string): Run | undefined {
  const zlib = (cut: boolean) => (cut ? constants.Z_SYNC_FLUSH : constants.Z_FINISH)
  if (coding === 'gzip' || coding === 'x-gzip') {
    return (maxOutputLength, cut) => gunzipSync(bytes, { maxOutputLength, finishFlush: zlib(cut) })
  }
  if (coding === 'deflate') {
    // The standard means the zlib format; some servers send the bare stream, and every browser reads both.
    const inflate = ((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync : inflateRawSync
    return (maxOutputLength, cut) => inflate(bytes, { maxOutputLength, finishFlush: zlib(cut) })
  }
  if (coding === 'br') {
    const flush = (cut: boolean) =>
      cut ? constants.BROTLI_OPERATION_FLUSH : constants.BROTLI_OPERATION_FINISH
    return (maxOutputLength, cut) => brotliDecompressSync(bytes, { maxOutputLength, finishFlush: flush(cut) })
  }
  if (coding === 'zstd') {
    const flush = (cut: boolean) => (cut ? constants.ZSTD_e_flush : constants.ZSTD_e_end)
    return (maxOutputLength, cut) => zstdDecompressSync(bytes, { maxOutputLength, finishFlush: flush(cut) })
  }
  return undefined
}

/** What a body that ends early gives; nothing where it is broken. */
function beginning(run: Run, maxBytes: number): Uint8Array {
  try {
    return run(maxBytes, true)
  } catch {
    return new Uint8Array(0)
  }
}

function isTooLarge(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
}

function bomb(maxBytes: number): DecodedContent {
  const text = `the decoded body is longer than ${maxBytes} bytes`
  return { bytes: new Uint8Array(0), problem: 'bomb', text }
}
