import fs from 'node:fs'

/** Longest line that is read, in bytes: a histogram of a second has some tens of thousands. */
export const MAX_LINE = 8 * 1024 * 1024

/** The sample file cannot be used. The message begins with `FILE:LINE:` where a line is to blame. */
export class SamplesUnreadable extends Error {
  override name = 'SamplesUnreadable'
}

/**
 * Gives each line of a file to `take`, without its end, and its number from 1. Holds one read of the file at a time, so
 * memory does not grow with it. The last line may lack its end: `take` is told by `ended`.
 */
export async function eachLine(
  file: string,
  take: (line: string, number: number, ended: boolean) => void,
  maxLine = MAX_LINE,
): Promise<void> {
  let number = 0
  let held: Buffer[] = []
  let size = 0
  const tooLong = () => new SamplesUnreadable(`${file}:${number + 1}: a line of more than ${maxLine} bytes`)
  try {
    for await (const chunk of fs.createReadStream(file, {
      highWaterMark: 1 << 20,
    }) as AsyncIterable<Buffer>) {
      const last = chunk.lastIndexOf(0x0a)
      if (last < 0) {
        size += chunk.length
        if (size > maxLine) throw tooLong()
        held.push(chunk)
        continue
      }
      const first = chunk.indexOf(0x0a)
      if (size + first > maxLine) throw tooLong()
      held.push(chunk.subarray(0, last))
      // 0x0a is never part of a longer character, so the text of whole lines can be decoded at once.
      const text = (held.length === 1 ? held[0]! : Buffer.concat(held)).toString('utf8')
      for (let from = 0; from <= text.length; ) {
        const end = text.indexOf('\n', from)
        const to = end < 0 ? text.length : end
        number += 1
        if (to - from > maxLine)
          throw new SamplesUnreadable(`${file}:${number}: a line of more than ${maxLine} bytes`)
        take(text.slice(from, to), number, true)
        from = to + 1
      }
      const rest = chunk.subarray(last + 1)
      held = rest.length > 0 ? [rest] : []
      size = rest.length
    }
  } catch (error) {
    if (error instanceof SamplesUnreadable || !(error instanceof Error && 'code' in error)) throw error
    throw new SamplesUnreadable(
      error.code === 'ENOENT' ? `${file}: there is no such file` : `${file}: ${error.message}`,
    )
  }
  if (size > 0) take(Buffer.concat(held).toString('utf8'), number + 1, false)
}
