import { onTestFinished } from 'vitest'
import { behaviours } from '../../fixtures/hostile/behaviours.ts'
import { type Behaviour, type Hostile, hostile } from '../../fixtures/hostile/server.ts'
import type { Exchange } from '../../reports/record/types.ts'
import { WireClient, type WireOptions } from '../../suites/core/wire/client.ts'
import type { Prepared } from '../../suites/core/wire/prepare.ts'

export const KEY = 'sk-fake/assay+canary=0123456789'

/** Deadlines that a peer which does answer never meets, and bounds that fit a test. */
const PATIENT = { connect: 5_000, headers: 5_000, firstByte: 5_000, betweenBytes: 5_000, total: 10_000 }
export const BOUNDS = { headBytes: 16 * 1024, bodyBytes: 256 * 1024 }

export function request(origin: string, more: Partial<Prepared> = {}): Prepared {
  return {
    digest: '0123456789abcdef',
    dialect: 'openai-chat',
    method: 'POST',
    url: new URL('/v1/chat/completions?a=1', origin),
    headers: [
      ['content-type', 'application/json'],
      ['authorization', `Bearer ${KEY}`],
    ],
    body: Buffer.from('{"model":"m"}'),
    secrets: [{ role: 'default', value: KEY }],
    ...more,
  }
}

export function client(origin: string, options: Partial<WireOptions> = {}): WireClient {
  const made = new WireClient({
    origin,
    bounds: BOUNDS,
    ...options,
    deadlines: { ...PATIENT, ...options.deadlines },
  })
  onTestFinished(() => made.close())
  return made
}

export async function server(
  behaviour: keyof typeof behaviours | Behaviour,
  options: { tls?: boolean; greet?: boolean } = {},
): Promise<Hostile> {
  const made = await hostile(typeof behaviour === 'string' ? behaviours[behaviour] : behaviour, options)
  onTestFinished(() => made.close())
  return made
}

/** The bytes that came, as text. */
export function wire(exchange: Exchange): string {
  return Buffer.concat(exchange.reads.map((read) => read.bytes)).toString('latin1')
}
