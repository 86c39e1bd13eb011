/** Starts a limits scenario on a k6, as the command does, and gives what it wrote. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Json, ORDER_ENV, type Order } from '../../load/order.ts'

export const FAKE_KEY = 'sk-fake-limits-0123456789'
export const OTHER_KEY = 'sk-fake-other-9876543210'

export function orderFor(url: string, scenario: 'rpm' | 'tpm', options: Record<string, Json> = {}): Order {
  return {
    schema: 'assay/order/1',
    scenario,
    run: '0123abcd',
    seed: 7,
    target: {
      url,
      dialect: 'openai-chat',
      model: 'model-a',
      models: ['model-a', 'model-b'],
      limit_field: 'max_tokens',
      headers: {},
      secret_headers: {},
      auth: { header: 'authorization', prefix: 'Bearer ' },
      keys: { default: 'ASSAY_LOAD_KEY_DEFAULT', limited: 'ASSAY_LOAD_KEY_LIMITED' },
      tls: {},
    },
    load: { arrivals: 'closed', streams: 1, duration_s: 60, warmup_s: 0, streams_per_vu: 1, calibrate: 0 },
    requests: { prompt_tokens: [8, 8], max_tokens: [16, 16], stream_share: 1, tools_share: 0 },
    caps: { requests: 20_000, tokens: 2_000_000, duration_s: 300, rate: 2000 },
    deadlines: {
      connect_ms: 2000,
      headers_ms: 20_000,
      first_token_ms: 20_000,
      between_ms: 20_000,
      total_ms: 30_000,
      drain_ms: 1000,
    },
    slo: [],
    options,
  }
}

export interface Ran {
  samples: string
  code: number | null
  log: string
}

export async function runLimits(k6: string, order: Order): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-limits-'))
  try {
    await writeFile(join(folder, 'order.json'), JSON.stringify(order))
    const script = fileURLToPath(new URL(`../../load/scenarios/limits/${order.scenario}.ts`, import.meta.url))
    const out = join(folder, 'samples.jsonl')
    const flags = ['--quiet', '--no-color', '--no-usage-report', '--summary-mode=disabled', '--address=']
    const child = spawn(k6, ['run', ...flags, '--log-format', 'raw', '--console-output', out, script], {
      env: {
        PATH: process.env.PATH ?? '',
        K6_NO_USAGE_REPORT: 'true',
        K6_AUTO_EXTENSION_RESOLUTION: 'false',
        [ORDER_ENV]: join(folder, 'order.json'),
        ASSAY_LOAD_KEY_DEFAULT: FAKE_KEY,
        ASSAY_LOAD_KEY_LIMITED: OTHER_KEY,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let log = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => (log += part.toString()))
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
    return { samples: await readFile(out, 'utf8').catch(() => ''), code, log }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
