/** A very small gateway: Chat Completions behind whatever limiter, for the limits scenarios and the live bench. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Answer, Ask, Limiter } from '../../fixtures/limiter/types.ts'

export const ENVELOPE = JSON.stringify({
  error: {
    message: 'Rate limit reached',
    type: 'rate_limit_error',
    param: null,
    code: 'rate_limit_exceeded',
  },
})

export interface Speed {
  /** ms to the first token, and between two. */
  first: number
  each: number
}

const SPEED: Speed = { first: 3, each: 1 }

export interface Tiny {
  url: string
  /** Requests that came, in order: by key. */
  asked: { key: string; body: Record<string, unknown> }[]
  close(): Promise<void>
}

export const words = (text: string): number => text.split(/\s+/).filter(Boolean).length

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>
}

export function askOf(body: Record<string, unknown>, key: string): Ask {
  const messages = body.messages as { content: string }[]
  const bounds = [body.max_tokens, body.max_completion_tokens].filter((one) => typeof one === 'number')
  return {
    key,
    model: String(body.model),
    promptTokens: 5 + messages.reduce((sum, { content }) => sum + words(content), 0),
    maxTokens: Number(bounds[0] ?? 16),
    ...(bounds.length === 2 && { maxCompletionTokens: Number(bounds[1]) }),
    stream: body.stream === true,
  }
}

/** Answers a request that was let in. `long`: as many tokens as it may have, else two. Resolves when it is over. */
export async function answer(
  response: ServerResponse,
  ask: Ask,
  long: boolean,
  { first, each }: Speed = SPEED,
): Promise<{ completionTokens: number; cancelled: boolean }> {
  const bound = ask.maxCompletionTokens ?? ask.maxTokens
  const tokens = long ? bound : Math.min(2, bound)
  let cancelled = false
  response.on('close', () => {
    if (!response.writableEnded) cancelled = true
  })
  const usage = {
    prompt_tokens: ask.promptTokens,
    completion_tokens: tokens,
    total_tokens: ask.promptTokens + tokens,
  }
  const base = { id: 'chatcmpl-1', created: 1, model: ask.model }
  const begin = performance.now()
  const due = (at: number) =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, begin + at - performance.now())))
  if (!ask.stream) {
    await due(first + each * tokens)
    const message = { role: 'assistant', content: 'word '.repeat(tokens) }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    if (!cancelled) response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ...base, object: 'chat.completion', choices, usage }))
    return { completionTokens: tokens, cancelled }
  }
  response.setHeader('content-type', 'text/event-stream')
  const send = (data: object) =>
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', ...data })}\n\n`)
  let made = 0
  while (made < tokens && !cancelled) {
    await due(first + each * made)
    send({ choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }] })
    made++
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
  send({ choices: [], usage })
  response.end('data: [DONE]\n\n')
  return { completionTokens: made, cancelled }
}

export const isLong = (body: Record<string, unknown>): boolean =>
  JSON.stringify(body.messages).includes('Begin your answer')

/** How a refusal is written; the default is as it should be. */
export type Refuse = (response: ServerResponse, refusal: Extract<Answer, { kind: 'refused' }>) => void

export const refuse: Refuse = (response, { retryAfter }) => {
  if (retryAfter !== undefined) response.setHeader('retry-after', String(Math.ceil(retryAfter / 1000)))
  response.writeHead(429, { 'content-type': 'application/json' })
  response.end(ENVELOPE)
}

export interface TinyOptions {
  limiter: Limiter
  /** The figure for `x-ratelimit-limit-requests`; absent: no such headers. */
  limit?: number
  refuse?: Refuse
  speed?: Speed
  /** Answers before the limiter is asked: true, it was answered. */
  before?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean
}

export async function tinyServer(options: TinyOptions): Promise<Tiny> {
  const asked: Tiny['asked'] = []
  const clock = () => performance.now()
  const server = createServer(async (request, response) => {
    const key = (request.headers.authorization ?? '').replace('Bearer ', '')
    const body = await read(request)
    asked.push({ key, body })
    if (options.before?.(request, response, asked.length)) return
    const ask = askOf(body, key)
    const decision = options.limiter.ask(clock(), ask)
    if (options.limit !== undefined) {
      response.setHeader('x-ratelimit-limit-requests', options.limit)
      response.setHeader('x-ratelimit-remaining-requests', Math.floor(decision.remaining))
    }
    if (decision.kind === 'refused') return (options.refuse ?? refuse)(response, decision)
    if (decision.kind === 'delayed') await new Promise((resolve) => setTimeout(resolve, decision.ms))
    const end = await answer(response, ask, isLong(body), options.speed)
    options.limiter.finish(clock(), decision.ticket, end)
  })
  return { ...(await listening(server)), asked }
}

export async function listening(server: Server): Promise<Omit<Tiny, 'asked'>> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
