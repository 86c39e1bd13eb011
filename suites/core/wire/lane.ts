import type { Socket } from 'node:net'
import { Client } from 'undici'
import type { Attempt } from './attempt.ts'
import { connect, type TlsOptions } from './connect.ts'
import { type Prepared, target } from './prepare.ts'
import { type Listener, tap } from './tap.ts'

/** One connection to one origin at a time, kept alive between exchanges, which it carries one after another. */
export class Lane {
  readonly origin: string
  readonly #tls: TlsOptions
  readonly #client: Client
  #attempt: Attempt | undefined
  /** The socket that carries the present attempt, known from its first byte. */
  #carrier: object | undefined
  #connecting: { destroy(): void } | undefined
  #used = false
  /** Whether it can carry another exchange. */
  usable = true

  constructor(origin: string, tls: TlsOptions, headBytes: number) {
    this.origin = origin
    this.#tls = tls
    this.#client = new Client(origin, {
      pipelining: 1,
      allowH2: false,
      // Deadlines and bounds are ours: they are held at the tap.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: -1,
      maxHeaderSize: 2 * headBytes + 65_536,
      connect: (_options, callback) => this.#connect(callback),
    })
  }

  /**
   * Sends one request. False: the connection kept alive was found dead before a byte was handed over; nothing was sent.
   * Rejects where the request itself cannot be sent.
   */
  async send(request: Prepared, attempt: Attempt): Promise<boolean> {
    const kept = this.#used
    this.#used = true
    this.#attempt = attempt
    attempt.cut = () => this.discard()
    const reader = Promise.withResolvers<'done' | Error>()
    this.#client.dispatch(
      {
        path: target(request.url),
        method: request.method,
        headers: request.headers.flat(),
        body: request.body ?? null,
      },
      {
        onRequestStart: () => {},
        onResponseStart: () => {},
        onResponseData: () => {},
        onResponseEnd: () => reader.resolve('done'),
        onResponseError: (_controller, error) => reader.resolve(error),
      },
    )
    const first = await Promise.race([attempt.decided, reader.promise])
    if (first instanceof Error && isOurs(first)) throw first
    // Both readers see the same bytes within one turn; what came together with the end belongs to the record.
    // What undici refuses it tells only when its socket is closed, a turn later.
    let seen: 'done' | Error | undefined
    for (let turn = 0; turn < TURNS && seen === undefined; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      seen = await Promise.race([reader.promise, undefined])
    }
    this.#attempt = undefined
    this.#carrier = undefined
    // A rest of this request would stand before the next one on the same connection.
    if (seen !== 'done' || attempt.end?.kind !== 'complete' || !attempt.sentWhole) this.discard()
    if (kept && !attempt.end && !attempt.begun && seen instanceof Error) return false
    this.#reconcile(attempt, seen)
    return true
  }

  /** What undici made of the same bytes, where that is another end. */
  #reconcile(attempt: Attempt, seen: 'done' | Error | undefined): void {
    if (seen instanceof Error) {
      if (isRefusal(seen)) attempt.refuse(seen.message)
      else if (!attempt.end && codeOf(seen) === 'UND_ERR_SOCKET') attempt.closed()
      else if (/^E[A-Z0-9]+$/.test(codeOf(seen))) attempt.failed(seen)
      else if (!attempt.end) throw seen
    } else if (seen === 'done' && !attempt.end) {
      attempt.refuse('two readers disagree about where the response ends')
    } else if (seen === undefined && attempt.end?.kind === 'complete') {
      attempt.refuse('undici does not see the end of this response')
    }
  }

  /** Drops the connection, at once. */
  discard(): void {
    if (!this.usable) return
    this.usable = false
    this.#connecting?.destroy()
    this.#client.destroy().catch(() => {})
  }

  /** Drops the connection, and returns when it is gone. */
  async close(): Promise<void> {
    this.discard()
    await this.#client.destroy()
  }

  #connect(callback: (...result: [Error, null] | [null, Socket]) => void): void {
    const attempt = this.#attempt
    attempt?.connecting()
    let carried = 0
    this.#connecting = connect(new URL(this.origin), this.#tls, (error, socket) => {
      this.#connecting = undefined
      if (error) {
        attempt?.unreachable(error)
        return callback(error, null)
      }
      attempt?.connected()
      tap(socket, () => this.#listener(socket, () => carried++))
      callback(null, socket)
    })
  }

  /** Nothing on a connection concerns an attempt before that attempt has written to it. */
  #listener(socket: Socket, count: () => number): Listener | undefined {
    const attempt = this.#attempt
    if (!attempt) return undefined
    if (this.#carrier === undefined) {
      return {
        ...DEAF,
        writing: (text) => {
          this.#carrier = socket
          attempt.reused = count() > 0
          attempt.writing(text)
        },
        handedOver: () => attempt.handedOver(),
      }
    }
    return this.#carrier === socket ? attempt : undefined
  }
}

const DEAF = {
  read: (bytes: Buffer) => [bytes],
  closed: () => [],
  failed: () => {},
}

/** Turns of the event loop in which undici tells what it made of bytes that it has. */
const TURNS = 3

/** The request is at fault: undici will not send it. */
function isOurs(error: Error): boolean {
  return ['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH'].includes(
    codeOf(error),
  )
}

/** The response is at fault: undici will not read it. */
function isRefusal(error: Error): boolean {
  const code = codeOf(error)
  return (
    error.name === 'HTTPParserError' ||
    code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' ||
    code === 'UND_ERR_HEADERS_OVERFLOW' ||
    (code === 'UND_ERR_SOCKET' && error.message.startsWith('bad '))
  )
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
