import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { expectNoKey, KEY, OTHER, written } from '../cli/canary.ts'
import { server } from '../cli/servers.ts'
import { BUILD_MS, engine } from './engine.ts'
import { engineOf, startLoad } from './short.ts'

beforeAll(async () => void (await engine()), BUILD_MS)

/** Remote ports of the TCP connections of a process, and how many other sockets with an address it has. */
function connections(pid: number): { ports: number[]; listening: number; udp: number } {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        // Closed in the meantime.
        return []
      }
    }),
  )
  const table = (name: string) =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((cells) => inodes.has(cells[9] ?? ''))
  const tcp = [...table('tcp'), ...table('tcp6')]
  const LISTEN = '0A'
  const LOOPBACK = '0100007F'
  return {
    ports: tcp
      .filter((cells) => cells[3] !== LISTEN)
      .map((cells) => Number.parseInt(cells[2]?.split(':')[1] ?? '', 16)),
    listening: tcp.filter((cells) => cells[3] === LISTEN).length,
    // One on loopback, to nobody: it keeps the kernel's time stamps on.
    udp: [...table('udp'), ...table('udp6')].filter((cells) => cells[1]?.split(':')[0] !== LOOPBACK).length,
  }
}

test('the key stands in no command line and no file, and nobody but the gateway is asked', async () => {
  let told: () => void = () => undefined
  const waits = new Promise<void>((resolve) => {
    told = resolve
  })
  let count = 0
  const { url, requests } = await server((request, response) => {
    count += 1
    const seen = `${request.headers.authorization} ${request.headers['x-team']}`
    // The first are refused with the key in every place; then it hangs, so that there is time to look.
    if (count > 4) {
      if (count === 6) told()
      return
    }
    response.statusCode = count % 2 === 0 ? 500 : 429
    response.setHeader('x-echo', seen)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ error: { message: `no, ${seen}`, base64: Buffer.from(seen).toString('base64') } }),
    )
  })
  const elsewhere = await server((_, response) => response.end('{}'))
  const proxy = new URL(elsewhere.url).origin
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy']
  const running = await startLoad(
    'latency',
    ['--url', url, '--key-env', 'CANARY', '--header', 'x-team:$OTHER'],
    {
      load: { duration: '60s', deadlines: { drain: 100 } },
      env: {
        CANARY: KEY,
        OTHER,
        K6_OUT: 'json=leak.json',
        ...Object.fromEntries(names.map((name) => [name, proxy])),
      },
    },
  )
  await running.during(waits)
  const pid = engineOf(running)
  const commandLine = (id: number) => readFileSync(`/proc/${id}/cmdline`, 'latin1')
  expectNoKey([commandLine(pid), commandLine(running.child.pid ?? 0)])
  const environment = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  expect(environment).toContain(`ASSAY_LOAD_KEY_DEFAULT=${KEY}`)
  expect(environment.filter((line) => /proxy=|^K6_OUT|^HOME=|^CANARY=/i.test(line))).toEqual([
    'NO_PROXY=*',
    'no_proxy=*',
  ])
  const { ports, listening, udp } = connections(pid)
  expect(new Set(ports)).toEqual(new Set([Number(new URL(url).port)]))
  expect({ listening, udp }).toEqual({ listening: 0, udp: 0 })
  expect(requests.some((request) => request.headers.authorization === `Bearer ${KEY}`)).toBe(true)
  expect(requests.some((request) => request.headers['x-team'] === OTHER)).toBe(true)
  running.child.kill('SIGINT')
  const { stdout, stderr } = await running.ended
  expectNoKey([stdout, stderr, ...written(running.dir)])
  expect(elsewhere.requests).toHaveLength(0)
})
