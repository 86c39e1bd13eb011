import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { assay, temporary } from './assay.ts'
import { inside } from './inside.ts'

const env = { ASSAY_KEY: 'sk-fake-0123456789' }

/** A port of which the first `count` connections are closed without an answer; then nobody listens any more. */
async function closing(count: number): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    if (--count === 0) server.close()
    socket.once('data', () => socket.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const { port } = server.address() as AddressInfo
  if (count === 0) {
    server.close()
    await once(server, 'close')
  }
  return `http://127.0.0.1:${port}/v1`
}

// Keys of other roles were not given: those questions are skipped, whether the run was stopped or not.
test.each([
  ['nobody is there', 0, 3],
  ['the gateway closes every connection', 1_000_000, 1],
  ['it closes some, then it is gone', 3, 1],
])('%s: judged again, every verdict and the status are the same', async (_, count, status) => {
  const url = await closing(count)
  const dir = path.join(temporary(), 'out')
  const ran = await assay(['run', '--url', url, '--concurrency', '1', '--out', dir], { env })
  expect(ran.status).toBe(status)
  const judged = await inside('judge', dir)
  expect(judged.stdout).toMatch(/all \d+ verdicts agree with the record/)
  // A record that did not come to its end is never better than open.
  expect(judged.status).toBe(status)
})
