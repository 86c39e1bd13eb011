import { describe, expect, test } from 'vitest'
import { allowedHosts, assertMayLoad, hostOf, isLoopback } from '../../cli/load/hosts.ts'

const resolving =
  (...addresses: string[]) =>
  async () =>
    addresses
const failing = async (): Promise<string[]> => {
  throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' })
}
const never = async (): Promise<string[]> => {
  throw new Error('it was looked up')
}

describe('this machine needs no leave', () => {
  test.each([
    ['http://127.0.0.1:8080/v1', never],
    ['http://127.9.8.7/v1', never],
    ['http://[::1]:8080/v1', never],
    ['http://[::ffff:127.0.0.1]/v1', never],
    ['http://localhost:8080/v1', resolving('127.0.0.1', '::1')],
    ['http://gateway.test/v1', resolving('127.0.0.1')],
  ] as const)('%s', async (url, lookup) => {
    await expect(assertMayLoad(url, [], lookup)).resolves.toBeUndefined()
  })
})

describe('every other host does', () => {
  test.each([
    [
      'http://192.0.2.1/v1',
      never,
      '192.0.2.1 is not this machine; if it is yours to load, say --i-may-load 192.0.2.1',
    ],
    ['http://0.0.0.0:8080/v1', never, '0.0.0.0 is not this machine'],
    ['http://[2001:db8::1]/v1', never, '--i-may-load 2001:db8::1'],
    ['http://[::ffff:192.0.2.1]/v1', never, 'is not this machine'],
    ['https://gateway.example/v1', resolving('192.0.2.1'), 'gateway.example (192.0.2.1) is not this machine'],
    // A name is this machine only where all of its addresses are.
    ['http://both.test/v1', resolving('127.0.0.1', '192.0.2.1'), 'both.test (192.0.2.1) is not this machine'],
    ['http://nothing.test/v1', resolving(), 'nothing.test is not this machine'],
    ['http://wrong.test/v1', failing, 'wrong.test could not be looked up (ENOTFOUND)'],
    ['http://localhost/v1', resolving('127.0.0.1', '10.0.0.5'), 'localhost (10.0.0.5) is not this machine'],
  ] as const)('%s', async (url, lookup, told) => {
    await expect(assertMayLoad(url, [], lookup)).rejects.toThrow(told)
  })
})

test('leave is for the host that is named, however it is written, and for no other', async () => {
  const lookup = resolving('192.0.2.1')
  await assertMayLoad('https://Gateway.Example:8443/v1', ['gateway.example'], never)
  await assertMayLoad('https://gateway.example./v1', ['GATEWAY.example'], never)
  await assertMayLoad('http://[2001:db8::1]/v1', ['[2001:db8::1]'], never)
  await expect(assertMayLoad('https://a.gateway.example/v1', ['gateway.example'], lookup)).rejects.toThrow(
    'a.gateway.example',
  )
  await expect(assertMayLoad('https://gateway.example/v1', ['gatway.example'], lookup)).rejects.toThrow(
    '--i-may-load gatway.example was given: is one of them misspelt?',
  )
})

test.each([
  '*',
  '*.example',
  'https://gateway.example',
  'gateway.example/v1',
  'gateway.example:443',
  '',
  'a b',
])('--i-may-load %j names no single host', (text) => {
  expect(() => allowedHosts([text])).toThrow('it takes the name of one host')
})

test('hosts are compared in one form', () => {
  expect(hostOf('https://[2001:DB8:0::1]:8443/v1')).toBe('2001:db8::1')
  expect(hostOf('http://EXAMPLE.com./v1')).toBe('example.com')
})

test.each([
  ['127.0.0.1', true],
  ['127.255.255.254', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:7f00:1', true],
  ['128.0.0.1', false],
  ['::', false],
  ['::ffff:128.0.0.1', false],
  ['fe80::1%lo', false],
  ['localhost', false],
])('%s is loopback: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected)
})
