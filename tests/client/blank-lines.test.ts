import { describe, expect, test } from 'vitest'
import { Framing } from '../../suites/core/wire/framing.ts'
import { BOUNDS, client, request, server } from './sender.ts'

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n'
const MANY = 64 * 1024

// Work that grows with the square of the bytes takes half a minute here: far beyond a test's time.
describe.each(['\n', '\r\n', '\r'])('a peer that sends nothing but %j', (unit) => {
  test('is passed over in one read and in reads of a byte each', () => {
    const whole = new Framing('POST')
    whole.feed(Buffer.from(unit.repeat(MANY)))
    const dripped = new Framing('POST')
    for (const byte of Buffer.from(unit.repeat(MANY / 4))) dripped.feed(Uint8Array.of(byte))
    for (const framing of [whole, dripped]) {
      framing.feed(Buffer.from(`${unit.endsWith('\n') ? '' : '\n'}${HEAD}ok`))
      expect(framing).toMatchObject({ status: 200, complete: true, broken: undefined })
    }
  })

  test.each([false, true])('meets the bound of the head (raw: %s)', async (raw) => {
    const peer = await server((socket) => socket.write(unit.repeat(MANY)))
    const { end } = await client(peer.origin).send(request(peer.origin, { raw }))
    expect(end).toEqual({ kind: 'limit', limit: 'head-bytes', max: BOUNDS.headBytes })
  })
})

test('blank lines after an interim response are passed over as well', () => {
  const framing = new Framing('POST')
  framing.feed(Buffer.from(`HTTP/1.1 103 Early Hints\r\n\r\n\r\n\r\n${HEAD}ok`))
  expect(framing).toMatchObject({ status: 200, complete: true, interim: [{ status: 103 }] })
})
