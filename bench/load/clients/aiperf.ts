import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { offlineEnv, programOf, VERSIONS } from '../others.ts'
import { rowsOf, writeRows } from '../prompts.ts'
import type { Client, Command, Reported, Workload } from './client.ts'

interface Distribution {
  p50: number
  p99: number
}

interface Summary {
  time_to_first_token: Distribution
  inter_chunk_latency: Distribution
  inter_token_latency: Distribution
}

interface Line {
  metadata: { conversation_id: string; request_start_ns: number; benchmark_phase: string }
  metrics: { time_to_first_token?: { value: number } }
  error?: unknown
}

/**
 * AIPerf's "inter chunk latency" is every gap between chunks with content; its "inter token latency" is one mean a
 * request, so only the first can be held against gaps between tokens.
 */
export const aiperf: Client = {
  name: `AIPerf ${VERSIONS.aiperf}`,

  command(load: Workload): Command | undefined {
    const file = programOf('aiperf')
    if (file === undefined) return undefined
    const rows = join(load.folder, 'prompts.jsonl')
    writeRows(rows, rowsOf(load.run, load.requests, load.tokens), ({ nonce, text, tokens }) => ({
      session_id: nonce,
      text,
      output_length: tokens,
    }))
    const args = ['profile', '--model', load.model, '--url', new URL(load.url).origin, '--api-key', load.key]
    args.push(
      '--endpoint-type',
      'chat',
      '--streaming',
      '--tokenizer',
      'local/tok',
      '--use-server-token-count',
    )
    args.push('--input-file', rows, '--custom-dataset-type', 'single-turn')
    args.push('--dataset-sampling-strategy', 'sequential', '--request-count', `${load.requests}`)
    args.push('--concurrency', `${load.streams}`, '--concurrency-ramp-duration', `${load.ramp_s}`)
    args.push('--no-server-metrics', '--no-gpu-telemetry', '--ui', 'none')
    args.push('--output-artifact-dir', join(load.folder, 'out'))
    return { file, args, env: offlineEnv() }
  },

  reported({ folder }: Workload): Reported {
    const read = (name: string) => readFileSync(join(folder, 'out', name), 'utf8')
    const summary = JSON.parse(read('profile_export_aiperf.json')) as Summary
    const lines = read('profile_export.jsonl').trim().split('\n')
    const all = lines.map((line) => JSON.parse(line) as Line)
    const asked = all.filter(({ metadata }) => metadata.benchmark_phase === 'profiling')
    const good = asked.filter(({ metrics }) => metrics.time_to_first_token !== undefined)
    const delays = delaysIn(join(folder, 'out', 'logs', 'aiperf.log'))
    return {
      nonces: good.map(({ metadata }) => metadata.conversation_id),
      failed: asked.length - good.length,
      ttft_p50_ms: summary.time_to_first_token.p50,
      itl_p99_ms: summary.inter_chunk_latency.p99,
      itl_of: 'gaps',
      first_token_realtime_ns: new Map(
        good.map(({ metadata, metrics }) => [
          metadata.conversation_id,
          metadata.request_start_ns + metrics.time_to_first_token!.value * 1e6,
        ]),
      ),
      // It does not put its doubts into its results: they are in its log only.
      ...(delays > 0 ? { saturated: true } : {}),
      remarks: [
        ...(delays > 0 ? [`its log warns ${delays} times that an event loop takes too long`] : []),
        `its "inter token latency" (a mean for each request): p99 ${summary.inter_token_latency.p99.toFixed(2)} ms`,
      ],
    }
  },
}

function delaysIn(log: string): number {
  if (!existsSync(log)) return 0
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes('is taking too long to run')).length
}
