import type { Socket } from 'node:net'

/** What a tapped socket tells, at once and before anybody else sees it. */
export interface Listener {
  /** Somebody is about to write. `text`: what, where it is text (the head of a request). */
  writing(text: string | undefined): void
  /** What one such write held is in the system's hands. */
  handedOver(): void
  /** Bytes came (after TLS). Returns what the reader behind the tap shall see of them. */
  read(bytes: Buffer): Buffer[]
  /** The peer closed its side in order (FIN). Returns what the reader behind the tap has yet to see. */
  closed(): Buffer[]
  failed(error: NodeJS.ErrnoException): void
}

/**
 * Puts a listener between a socket and its reader. TCP and TLS sockets are both handed their bytes through `push`, and
 * only there is every read seen as it came: a reader may take several together.
 */
export function tap(socket: Socket, listener: () => Listener | undefined): void {
  const push = socket.push.bind(socket)
  const write = socket.write.bind(socket)
  let ended = false

  socket.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    const present = listener()
    if (!present || ended || !(chunk === null || Buffer.isBuffer(chunk))) return push(chunk, encoding)
    ended = chunk === null
    const shown = chunk === null ? present.closed() : present.read(chunk)
    let more = true
    for (const bytes of shown) more = push(bytes)
    return chunk === null ? push(null) : more
  }

  function writeTapped(
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    callback?: (error?: Error | null) => void,
  ): boolean {
    const present = listener()
    present?.writing(typeof chunk === 'string' ? chunk : undefined)
    const after = typeof encoding === 'function' ? encoding : callback
    const written = (error?: Error | null) => {
      if (!error) present?.handedOver()
      after?.(error)
    }
    return typeof encoding === 'string' ? write(chunk, encoding, written) : write(chunk, written)
  }
  socket.write = writeTapped

  socket.on('error', (error: NodeJS.ErrnoException) => listener()?.failed(error))
}
