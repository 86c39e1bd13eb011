import { connect } from 'node:net'
import { type Gateway, KEYS } from '../../fixtures/gateway/gateway.ts'
import type { JsonObject } from '../../fixtures/gateway/json.ts'

export interface Got {
  status: number
  headers: Headers
  text: string
}

export function chat(content: string, more: JsonObject = {}): JsonObject {
  return { model: 'small-1', messages: [{ role: 'user', content }], ...more }
}

export async function post(
  gateway: Gateway,
  body: JsonObject | string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
  path = '/chat/completions',
  method = 'POST',
): Promise<Got> {
  const plain = { 'content-type': 'application/json', authorization: `Bearer ${KEYS.default}` }
  const sent = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(gateway.url + path, {
    method,
    headers: { ...plain, ...headers },
    ...(method !== 'GET' && { body: sent }),
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

export function json(got: Got): JsonObject {
  return JSON.parse(got.text) as JsonObject
}

/** The data of each record of a stream. */
export function records(text: string): string[] {
  return text
    .split('\n\n')
    .filter((record) => record !== '')
    .map((record) => record.replace(/^data: /, ''))
}

export function chunks(text: string): JsonObject[] {
  return records(text)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data) as JsonObject)
}

/** Sends raw bytes and resolves with all that came back, and how the connection ended. */
export function raw(gateway: Gateway, bytes: string): Promise<{ text: string; error: string | undefined }> {
  return new Promise((resolve) => {
    const socket = connect(gateway.port, '127.0.0.1')
    let text = ''
    let error: string | undefined
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => {
      text += part
    })
    socket.on('error', (problem: Error & { code?: string }) => {
      error = problem.code
    })
    socket.on('close', () => resolve({ text, error }))
    socket.write(bytes)
  })
}

/** A chat request as raw bytes, on a connection that is not kept. */
export function rawChat(body: JsonObject): string {
  const text = JSON.stringify(body)
  return `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nAuthorization: Bearer ${KEYS.default}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}
