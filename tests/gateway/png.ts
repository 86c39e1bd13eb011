import { deflateSync } from 'node:zlib'

export interface Drawn {
  /** Red, green, blue and, with `kind` 6, alpha of each pixel of the top row. */
  row: number[][]
  /** As PNG numbers them: 0 none, 1 sub, 2 up, 3 average, 4 Paeth. Default: 0. */
  filter?: number
  /** 2: RGB; 6: with alpha. Default: 2. */
  kind?: number
  /** Width that the header tells. Default: that of the row. */
  width?: number
  depth?: number
  interlaced?: boolean
}

function chunk(type: string, data: Uint8Array): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write(type, 4, 'latin1')
  // Nobody here looks at the checksum.
  return Buffer.concat([head, data, Buffer.alloc(4)])
}

/** What the filter of a first row leaves of a byte whose left neighbour is `left`. */
const LESS: ((left: number) => number)[] = [
  () => 0,
  (left) => left,
  () => 0,
  (left) => Math.floor(left / 2),
  (left) => left,
]

/** A PNG of one row, in base64. */
export function png({ row, filter = 0, kind = 2, width = row.length, depth = 8, interlaced }: Drawn): string {
  const bytes = row.flat()
  const step = row[0]?.length ?? 3
  const filtered = bytes.map((byte, i) => (byte - LESS[filter]!(bytes[i - step] ?? 0)) & 0xff)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(1, 4)
  header.set([depth, kind, 0, 0, interlaced ? 1 : 0], 8)
  const parts = [
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.from([filter, ...filtered]))),
    chunk('IEND', new Uint8Array()),
  ]
  return Buffer.concat(parts).toString('base64')
}
