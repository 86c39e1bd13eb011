/** Tiny gateways behind limiters that others wrote. Counts are per key, windows in ms. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import rateLimit from '@fastify/rate-limit'
import express from 'express'
import { rateLimit as expressRateLimit, ipKeyGenerator } from 'express-rate-limit'
import fastify from 'fastify'
import { RateLimiterMemory, RateLimiterRes, RateLimiterUnion } from 'rate-limiter-flexible'
import { answer, askOf, ENVELOPE, isLong, listening, type Tiny } from './tiny-server.ts'

type Served = Pick<Tiny, 'url' | 'close'>
type Body = Record<string, unknown>

const keyOf = (header: string | undefined): string => (header ?? '').replace('Bearer ', '')

/** express-rate-limit with its store in memory. */
export async function expressServer(limit: number, window: number, skipFailed = false): Promise<Served> {
  const app = express()
  app.use(express.json({ limit: '5mb' }))
  app.use(
    expressRateLimit({
      windowMs: window,
      limit,
      legacyHeaders: true,
      standardHeaders: false,
      skipFailedRequests: skipFailed,
      keyGenerator: (request) => keyOf(request.get('authorization')) || ipKeyGenerator(request.ip ?? ''),
      message: JSON.parse(ENVELOPE) as object,
    }),
  )
  app.post('/v1/chat/completions', async (request, response) => {
    const body = request.body as Body
    await answer(response, askOf(body, ''), isLong(body))
  })
  return listening(createServer(app))
}

/** @fastify/rate-limit; `continueExceeding` renews the window with every request that is refused. */
export async function fastifyServer(
  limit: number,
  window: number,
  continueExceeding = false,
): Promise<Served> {
  const app = fastify({ bodyLimit: 5_000_000 })
  await app.register(rateLimit, {
    max: limit,
    timeWindow: window,
    continueExceeding,
    keyGenerator: (request) => keyOf(request.headers.authorization),
    errorResponseBuilder: () => ({ statusCode: 429, ...(JSON.parse(ENVELOPE) as object) }),
  })
  app.post('/v1/chat/completions', async (request, reply) => {
    const body = request.body as Body
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, String(value))
    await answer(reply.raw, askOf(body, ''), isLong(body))
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

/** rate-limiter-flexible in memory: requests or prompt tokens, one window or two at once. */
export async function flexibleServer(
  points: number,
  window: number,
  { tokens = false, second }: { tokens?: boolean; second?: { points: number; window: number } } = {},
): Promise<Served> {
  const one = new RateLimiterMemory({ keyPrefix: 'a', points, duration: window / 1000 })
  const two =
    second && new RateLimiterMemory({ keyPrefix: 'b', points: second.points, duration: second.window / 1000 })
  const gate = two ? new RateLimiterUnion(one, two) : one
  return listening(
    createServer(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Body
      const ask = askOf(body, keyOf(request.headers.authorization))
      try {
        await gate.consume(ask.key, tokens ? ask.promptTokens : 1)
      } catch (refusal) {
        const all =
          refusal instanceof RateLimiterRes
            ? [refusal]
            : Object.values(refusal as Record<string, RateLimiterRes>)
        const ms = Math.max(...all.map(({ msBeforeNext }) => msBeforeNext))
        response.writeHead(429, {
          'content-type': 'application/json',
          'retry-after': String(Math.ceil(ms / 1000)),
        })
        response.end(ENVELOPE)
        return
      }
      await answer(response, ask, isLong(body))
    }),
  )
}
