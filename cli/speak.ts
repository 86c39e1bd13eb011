/** Standard output and error. A reader that goes away (`assay list checks | head`) is no failure of the command. */

/** Output that nobody reads any more is dropped; what the command does besides goes on to its end. */
export function toleratePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.listeners('error').includes(onPipeError)) continue
    stream.on('error', onPipeError)
  }
}

function onPipeError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** One or more lines to standard output. */
export function say(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** A sentence about what went wrong, to standard error. */
export function complain(text: string): void {
  process.stderr.write(`assay: ${text}\n`)
}
