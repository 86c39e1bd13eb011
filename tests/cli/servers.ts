import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { startGateway, type Twist } from '../../fixtures/gateway/gateway.ts'
import { loadSpecs } from '../../specs/load.ts'

/** A tiny server of the test's own. `requests`: those that came, in order. */
export async function server(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ url: string; requests: IncomingMessage[]; close(): Promise<void> }> {
  const requests: IncomingMessage[] = []
  const http = createServer((request, response) => {
    requests.push(request)
    request.resume()
    answer(request, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve())
      http.closeAllConnections()
    })
  onTestFinished(close)
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`, requests, close }
}

export interface HoldingGateway {
  /** Base URL of the first dialect, and of each. */
  url: string
  urls: Record<string, string>
  /** The requests that came, in order. */
  received(): string[]
  /** From the next request on, nothing is answered. Resolves when `count` requests wait. */
  hold(count: number): Promise<void>
  /** Answers again; those that wait are dropped. */
  letGo(): void
}

/** The reference gateway in the test's process. After `free` requests it can hold its answers back. */
export async function gateway(options: { free?: number; profile?: string } = {}): Promise<HoldingGateway> {
  const bodies: string[] = []
  let free = options.free ?? Number.POSITIVE_INFINITY
  let held = 0
  let told: () => void = () => undefined
  let wanted = Number.POSITIVE_INFINITY
  const twist: Twist = {
    receive(request) {
      bodies.push(`${request.method} ${request.path} ${request.role} ${request.text}`)
      return request
    },
    raw() {
      free -= 1
      if (free >= 0) return false
      held += 1
      if (held >= wanted) told()
      return true
    },
  }
  const profile = loadSpecs().profiles.get(options.profile ?? 'openai')!
  const running = await startGateway({ profile, twist })
  onTestFinished(() => running.close())
  return {
    url: running.url,
    urls: running.urls,
    received: () => [...bodies],
    hold: (count) =>
      new Promise((resolve) => {
        wanted = count
        told = resolve
        if (held >= count) resolve()
      }),
    letGo() {
      free = Number.POSITIVE_INFINITY
    },
  }
}
