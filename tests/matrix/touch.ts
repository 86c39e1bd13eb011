/**
 * Whether a twist changes the answer to one request: the gateway's own engine answers it twice into memory, once as it
 * is and once twisted, and the bytes are compared. Nothing is guessed, and nothing is declared.
 */
import { createHash } from 'node:crypto'
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { Engine } from '../../fixtures/gateway/engine.ts'
import type { GatewayOptions } from '../../fixtures/gateway/options.ts'
import type { Twist } from '../../fixtures/gateway/twist.ts'
import type { Prepared } from '../../suites/core/wire/prepare.ts'
import { Trail } from './trail.ts'

const EMPTY = new Uint8Array()

/** A socket that keeps what is written to it, and how it was left. */
class Ear extends Duplex {
  readonly #hash = createHash('sha1')
  left = ''

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#hash.update(chunk)
    done()
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  destroySoon(): void {
    this.left += 'fin'
    this.end()
  }

  resetAndDestroy(): void {
    this.left += 'rst'
    this.destroy()
  }

  heard(): string {
    return `${this.#hash.digest('hex')} ${this.left}`
  }
}

export interface Heard {
  /** A digest of every byte of the answer. */
  digest: string
  /** What the gateway asks of a twist on the way to it. */
  trail: Trail
}

export class Touch {
  readonly #engine: Engine

  constructor(options: GatewayOptions) {
    this.#engine = new Engine({ ...options, tokenGapMs: 0 })
  }

  setTwist(twist: Twist | Twist[]): void {
    this.#engine.setTwist(twist)
    this.#engine.journal.length = 0
  }

  /** Hears an answer as it is without a fault; undefined where it does not come at once. */
  async first(request: Prepared, port: number, fixed: Twist): Promise<Heard | undefined> {
    const trail = new Trail()
    this.setTwist([fixed, trail.listener()])
    const digest = await this.hear(request, port)
    this.setTwist([fixed])
    return digest === undefined || digest !== (await this.hear(request, port)) ? undefined : { digest, trail }
  }

  /** A digest of every byte of the answer; undefined where it does not come at once (a twist that waits or hangs). */
  async hear(request: Prepared, port: number): Promise<string | undefined> {
    const ear = new Ear()
    const socket = ear as unknown as Socket
    const message = new IncomingMessage(socket)
    message.method = request.method
    message.url = `${request.url.pathname}${request.url.search}`
    message.httpVersionMajor = 1
    message.httpVersionMinor = 1
    message.httpVersion = '1.1'
    const body = request.body ?? EMPTY
    const headers: Record<string, string> = { host: `127.0.0.1:${port}`, connection: 'keep-alive' }
    for (const [name, value] of request.headers) headers[name.toLowerCase()] = value
    if (body.length > 0) headers['content-length'] = String(body.length)
    message.headers = headers
    const response = new ServerResponse(message)
    response.assignSocket(socket)
    const oversize = body.length > this.#engine.bodyLimit
    let done = false
    const handled = this.#engine
      .handle(message, response, oversize ? { bytes: EMPTY, oversize } : { bytes: body, oversize })
      .then(() => {
        done = true
      })
    // A turn of the event loop is all that an answer needs which waits for nothing.
    for (let turn = 0; turn < 4 && !done; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    if (!done) {
      ear.destroy()
      response.destroy()
      await handled
      return undefined
    }
    // What a server does where the connection does not go on. A twist that holds an answer back writes it then.
    if (response.writableEnded && ear.left === '') ear.destroySoon()
    const heard = response.writableEnded ? ear.heard() : undefined
    ear.destroy()
    return heard
  }
}
