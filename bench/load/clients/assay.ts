import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MeterFigures, Quantiles } from '../../../reports/record/load.ts'
import { ASSAY } from '../gateway.ts'
import type { Client, Command, Reported, Workload } from './client.ts'

/** Exit status of a run whose meter could not keep up, among other ends without a verdict. */
const NO_VERDICT = 3

/** What the bench reads of summary.json. */
interface Summary {
  metrics: { phases: string[]; ttft_ms: Quantiles; itl_ms: Quantiles; meter: MeterFigures }
}

interface Header {
  columns: string[]
  clock?: { at_us: number; realtime_ns: string }
}

/** The sample file as far as the bench reads it by itself. */
interface Rows {
  clock: Header['clock']
  rows: { phase: string; outcome: string; nonce: string; first_token_us: number | undefined }[]
}

export const assay: Client = {
  name: 'assay',

  command(load: Workload): Command {
    const config = join(load.folder, 'load.yaml')
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(configOf(load)))
    const args = ['load', 'latency', '--config', config, '--url', load.url, '--out', join(load.folder, 'out')]
    return {
      file: process.execPath,
      args: [ASSAY, ...args],
      env: { ...process.env, ASSAY_KEY: load.key },
    }
  },

  reported({ folder }: Workload, exit: number | null): Reported {
    const out = join(folder, 'out')
    const summary = join(out, 'summary.json')
    if (!existsSync(summary)) throw new Error(`assay left no summary, exit status ${exit}`)
    const { phases, ttft_ms, itl_ms, meter } = (JSON.parse(readFileSync(summary, 'utf8')) as Summary).metrics
    const { clock, rows } = readRows(join(out, 'samples.jsonl'))
    const judged = rows.filter(({ phase }) => phases.includes(phase))
    const finished = judged.filter(({ outcome }) => outcome === 'finished')
    const base = Number(clock?.realtime_ns ?? Number.NaN) - (clock?.at_us ?? 0) * 1000
    return {
      nonces: finished.map(({ nonce }) => nonce),
      failed: judged.length - finished.length,
      ttft_p50_ms: ttft_ms.p50,
      itl_p99_ms: itl_ms.p99,
      itl_of: 'gaps',
      saturated: meter.saturated,
      first_token_realtime_ns: new Map(
        finished.flatMap(({ nonce, first_token_us }) =>
          first_token_us === undefined ? [] : [[nonce, base + first_token_us * 1000]],
        ),
      ),
      remarks: [
        ...(exit === 0 || exit === 1 || (exit === NO_VERDICT && meter.saturated)
          ? []
          : [`exit status ${exit}`]),
        ...meter.reasons,
        ...(meter.cpu_us_per_chunk === undefined
          ? []
          : [
              `by its own count ${meter.cpu_us_per_chunk.toFixed(1)} µs of CPU a chunk, start and end included`,
            ]),
      ],
    }
  },
}

function configOf({ model, streams, seconds, warmup_s, calibrate, tokens, starts_per_s }: Workload): object {
  return {
    model,
    load: {
      streams,
      duration: `${seconds}s`,
      // The streams begin together; by the end of it their different lengths have spread them.
      warmup: `${warmup_s}s`,
      calibrate,
      prompt_tokens: [16, 16],
      max_tokens: tokens,
      // What is still open when the time is over is to finish, or it would not be in the figures.
      deadlines: { drain: 120_000 },
      ...(starts_per_s === undefined ? {} : { caps: { rate: starts_per_s } }),
    },
  }
}

function readRows(path: string): Rows {
  const [first = '', ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  const { columns, clock } = JSON.parse(first) as Header
  const at = (name: string) => columns.indexOf(name)
  const [phase, outcome, nonce] = [at('phase'), at('outcome'), at('nonce_sent')]
  const parts = [at('start_us'), at('connect_us'), at('write_us'), at('ttft_us')]
  const rows = lines
    .filter((line) => line.startsWith('['))
    .map((line) => {
      const row = JSON.parse(line) as unknown[]
      const times = parts.map((i) => row[i])
      return {
        phase: String(row[phase]),
        outcome: String(row[outcome]),
        nonce: String(row[nonce]),
        first_token_us: times.every((time) => typeof time === 'number')
          ? times.reduce((sum, time) => sum + time, 0)
          : undefined,
      }
    })
  return { clock, rows }
}
