import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { offlineEnv, programOf, VERSIONS } from '../others.ts'
import { rowsOf, writeRows } from '../prompts.ts'
import type { Client, Command, Reported, Workload } from './client.ts'

interface Distribution {
  successful: { median: number; percentiles: { p99: number } }
}

interface Asked {
  request_args: string
  info: { timings: { first_token_iteration: number | null } }
}

interface Benchmark {
  /** Doubts of the tool's own about its figures. */
  warnings: { code?: string }[]
  metrics: { time_to_first_token_ms: Distribution; inter_token_latency_ms: Distribution }
  requests: { successful: Asked[]; errored: Asked[]; incomplete: Asked[] }
}

const NONCE = /assay-[0-9a-f]{8}-[0-9a-f]{8}/

/** GuideLLM keeps no gap: its "inter token latency" is one mean a request, weighted by the request's tokens. */
export const guidellm: Client = {
  name: `GuideLLM ${VERSIONS.guidellm}`,

  command(load: Workload): Command | undefined {
    const file = programOf('guidellm')
    if (file === undefined) return undefined
    const rows = join(load.folder, 'prompts.jsonl')
    writeRows(rows, rowsOf(load.run, load.requests, load.tokens), ({ text, tokens }) => ({
      prompt: text,
      prompt_tokens_count: text.split(' ').length,
      output_tokens_count: tokens,
    }))
    // The tool appends the version prefix itself; its check of the backend asks a path that Chat does not have.
    const { origin } = new URL(load.url)
    const backend = `kind=openai_http,target=${origin},model=${load.model},api_key=${load.key},validate_backend=false`
    const args = ['run', '--backend', backend, '--tokenizer', 'kind=huggingface_auto,model=local/tok']
    args.push('--profile', `kind=concurrent,streams=${load.streams},rampup_duration=${load.ramp_s}`)
    args.push('--constraint', `kind=max_requests,count=${load.requests}`)
    args.push('--data', `kind=json_file,path=${rows}`)
    args.push('--output', `kind=json,path=${join(load.folder, 'out.json')}`, '--disable-console')
    return { file, args, env: offlineEnv() }
  },

  reported({ folder }: Workload): Reported {
    const read = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as { benchmarks: Benchmark[] }
    const [benchmark] = read.benchmarks
    if (!benchmark) throw new Error('GuideLLM reported no benchmark')
    const { metrics, requests, warnings } = benchmark
    const first = new Map<string, number>()
    for (const { request_args, info } of requests.successful) {
      const nonce = NONCE.exec(request_args)?.[0]
      if (nonce !== undefined) first.set(nonce, (info.timings.first_token_iteration ?? Number.NaN) * 1e9)
    }
    return {
      nonces: [...first.keys()],
      failed: requests.errored.length + requests.incomplete.length,
      ttft_p50_ms: metrics.time_to_first_token_ms.successful.median,
      itl_p99_ms: metrics.inter_token_latency_ms.successful.percentiles.p99,
      itl_of: 'means',
      ...(warnings.length > 0 ? { saturated: true } : {}),
      first_token_realtime_ns: first,
      remarks: warnings.map((warning) => `it warns: ${warning.code ?? JSON.stringify(warning)}`),
    }
  },
}
