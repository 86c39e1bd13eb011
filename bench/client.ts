/** 150 probes on loopback, a third of them streams, 32 at once, server in the same process: `npx tsx bench/client.ts`. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WireClient } from '../suites/core/wire/client.ts'

const PROBES = 150
const ROUNDS = 12
const key = 'sk-fake-bench-0123456789abcdef'
const reply = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  choices: [{ message: { content: 'hello '.repeat(50) } }],
})

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    if (request.url !== '/stream') return response.setHeader('content-type', 'application/json').end(reply)
    response.setHeader('content-type', 'text/event-stream')
    let left = 20
    const next = () => {
      if (left-- === 0) return response.end('data: [DONE]\n\n')
      response.write(`data: {"choices":[{"delta":{"content":"token ${left}"}}]}\n\n`)
      setImmediate(next)
    }
    next()
  })
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const client = new WireClient({ origin, maxConnections: 32 })
const body = Buffer.from(JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] }))

async function round(): Promise<number> {
  const start = performance.now()
  const all = Array.from({ length: PROBES }, (_, n) =>
    client.send({
      digest: String(n),
      dialect: 'openai-chat',
      method: 'POST',
      url: new URL(n % 3 === 0 ? '/stream' : '/reply', origin),
      headers: [
        ['content-type', 'application/json'],
        ['authorization', `Bearer ${key}`],
      ],
      body,
      secrets: [{ role: 'default', value: key }],
    }),
  )
  const bad = (await Promise.all(all)).filter((exchange) => exchange.end.kind !== 'complete')
  if (bad.length > 0)
    throw new Error(`${bad.length} exchanges did not end in order: ${JSON.stringify(bad[0]?.end)}`)
  return performance.now() - start
}

const times: number[] = []
for (let n = 0; n < ROUNDS; n++) times.push(await round())
const [cold = 0, ...warm] = times
warm.sort((a, b) => a - b)
const figures = { cold, best: warm[0] ?? 0, median: warm[Math.floor(warm.length / 2)] ?? 0 }
console.log(
  `client: ${PROBES} probes, ms: ${Object.entries(figures)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
    .join(', ')}`,
)
await client.close()
server.close()
