import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openProfile } from '../../cli/open-specs.ts'
import { type GatewayOptions, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { findEngine } from '../../load/engine/find.ts'
import { engineArguments } from '../../load/engine/scenario.ts'
import { type EngineEnd, type RunningEngine, startEngine } from '../../load/engine/start.ts'
import type { Order, StreamScenario } from '../../load/order.ts'
import { type Changes, orderOf } from './orders.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Path of a k6 with the extension; undefined: there is none, and no Go to build it. In CI there must be one. */
export async function engineOrNothing(): Promise<string | undefined> {
  try {
    return (await findEngine({ env: process.env, extension: true })).path
  } catch (error) {
    if (process.env.CI) throw error
    return undefined
  }
}

export type Row = Record<string, unknown> & {
  phase: string
  outcome: string
  status: number | null
  key: string
}

export interface Ran {
  order: Order
  end: EngineEnd
  /** What k6 printed. */
  log: string
  /** The sample file as it is. */
  text: string
  first: { schema: string; run: string; columns: string[] }
  rows: Row[]
  notes: { name: string; value: Record<string, unknown> }[]
  dropped: { planned_us: number; why: string; phase?: string }[]
  /** The last line, where the engine came to its end. */
  last: { rows: number; stopped: boolean } | undefined
}

export interface Stage {
  engine: RunningEngine
  /** What the sample file holds so far. */
  samples(): string
  /** The gateway dies: its connections and its port are gone. */
  kill(): Promise<void>
  /** It comes back on its port. */
  revive(): Promise<void>
}

export interface Run {
  scenario: StreamScenario
  changes?: Changes
  gateway?: Partial<GatewayOptions>
  profile?: string
  dialect?: string
  /** Role whose key is given out as the default one. */
  asRole?: keyof typeof KEYS
  /** What happens while the engine runs. */
  meanwhile?(stage: Stage): Promise<void>
}

/** One scenario from the order file to the sample file, against a reference gateway of its own. */
export async function ran(path: string, run: Run): Promise<Ran> {
  const { profile } = openProfile(run.profile ?? 'openai')
  const dialect = run.dialect ?? 'openai-chat'
  const promise = profile.dialects[dialect]
  if (promise === undefined) throw new Error(`${profile.id} does not speak ${dialect}`)
  const options = { profile, tokenGapMs: 2, ...run.gateway }
  let gateway = await startGateway(options)
  const { port } = gateway
  const folder = mkdtempSync(join(tmpdir(), 'assay-scenario-'))
  try {
    const { scheme, header } = promise.auth
    const order = orderOf(run.scenario, {
      ...run.changes,
      target: {
        url: `${gateway.urls[dialect]}${promise.path}`,
        dialect,
        model: profile.default_model,
        models: [profile.default_model],
        limit_field: promise.limit_field,
        headers: promise.headers ?? {},
        auth: { header, prefix: scheme === undefined ? '' : `${scheme} ` },
        ...run.changes?.target,
      },
    })
    order.grammar = join(ROOT, 'schemas', dialect, 'grammar.json')
    const [orderFile, samples] = [join(folder, 'order.json'), join(folder, 'samples.jsonl')]
    writeFileSync(orderFile, JSON.stringify(order))
    const log: string[] = []
    const engine = await startEngine({
      path,
      args: engineArguments(run.scenario, samples),
      cwd: folder,
      env: {
        ASSAY_ORDER: orderFile,
        ASSAY_LOAD_KEY_DEFAULT: KEYS[run.asRole ?? 'default'],
        ASSAY_LOAD_KEY_EXHAUSTED: KEYS.exhausted,
        K6_NO_USAGE_REPORT: 'true',
        K6_AUTO_EXTENSION_RESOLUTION: 'false',
        HOME: folder,
      },
      onLine: (line) => log.push(line),
    })
    await run.meanwhile?.({
      engine,
      samples: () => textOf(samples),
      kill: () => gateway.close(),
      async revive() {
        gateway = await startGateway({ ...options, port })
      },
    })
    const end = await engine.ended
    return { order, end, log: log.join('\n'), ...samplesOf(textOf(samples)) }
  } finally {
    await gateway.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A run whose script cannot even be read leaves no file. */
function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '{"columns":[]}'
}

function samplesOf(text: string): Pick<Ran, 'text' | 'first' | 'rows' | 'notes' | 'dropped' | 'last'> {
  const [first, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const named = (name: string) => lines.flatMap((line) => line[name] ?? [])
  return {
    text,
    first,
    rows: lines
      .filter(Array.isArray)
      .map((row) => Object.fromEntries(row.map((value, i) => [first.columns[i], value]))) as Row[],
    notes: named('note'),
    dropped: named('dropped'),
    last: named('end')[0],
  }
}
