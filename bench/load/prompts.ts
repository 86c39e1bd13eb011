/** The requests of one run, the same for every client: each row has a nonce of its own and a length of its own. */
import { writeFileSync } from 'node:fs'

export interface Row {
  nonce: string
  text: string
  /** The bound on the answer, in tokens; the reference gateway writes exactly so many. */
  tokens: number
}

/** `run`: 8 hex digits. Lengths are spread evenly between both bounds, in an order that only looks random. */
export function rowsOf(run: string, count: number, [least, most]: [number, number]): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const nonce = `assay-${run}-${i.toString(16).padStart(8, '0')}`
    return {
      nonce,
      text: `Begin your answer with the word ${nonce}. Then go on with plain prose.`,
      tokens: least + Math.floor(golden(i) * (most - least + 1)),
    }
  })
}

/** The i-th point of an even spread over 0 to 1: multiples of the golden ratio. */
function golden(i: number): number {
  return (i * 0.618_033_988_749_895) % 1
}

export function writeRows(path: string, rows: Row[], shape: (row: Row) => object): void {
  writeFileSync(path, rows.map((row) => `${JSON.stringify(shape(row))}\n`).join(''))
}
