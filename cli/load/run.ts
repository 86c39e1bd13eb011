import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Engine } from '../../load/engine/find.ts'
import { engineArguments, scenarioFile } from '../../load/engine/scenario.ts'
import { type EngineEnd, startEngine } from '../../load/engine/start.ts'
import type { Order } from '../../load/order.ts'
import type { Secret } from '../../reports/record/redact.ts'
import { complain } from '../speak.ts'
import { EngineLog } from './engine-log.ts'
import { SAMPLES_FILE } from './judge.ts'
import type { Cost } from './prepare.ts'
import { EVERY_MS, loadProgress } from './progress.ts'
import { isLimits } from './scenarios.ts'
import { type Seen, Tail } from './tail.ts'
import { endedWell } from './told.ts'

export const ORDER_FILE = 'order.json'
export const LOG_FILE = 'k6.log'

export interface EngineRun {
  dir: string
  order: Order
  cost: Cost
  engine: Engine
  env: Record<string, string>
  secrets: readonly Secret[]
  signal: AbortSignal
}

export interface EngineOutcome {
  end: EngineEnd
  /** It came to an end of its own, or to the one that was asked for. */
  well: boolean
  /** Why the scenario stopped before its time. */
  stopped?: string
  errors: readonly string[]
  seen: Seen
  seconds: number
}

/** Most bytes of samples that are looked at in one go while the run goes on. */
const LOOK = 4 << 20
/** After its last deadline the engine has this long to write what it knows. */
const PATIENCE_MS = 30_000

/** Writes the order, runs k6 over it, shows how far it is, and waits for its end. */
export async function runEngine(run: EngineRun): Promise<EngineOutcome> {
  const { dir, order, cost, engine, env, signal } = run
  const file = path.join(dir, SAMPLES_FILE)
  writeFileSync(path.join(dir, ORDER_FILE), `${JSON.stringify(order, null, 2)}\n`)
  const log = new EngineLog(path.join(dir, LOG_FILE), run.secrets)
  const tail = new Tail(file)
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const running = await startEngine({
    path: engine.path,
    args: engineArguments(order.scenario, path.resolve(file)),
    env,
    cwd: path.dirname(scenarioFile(order.scenario)),
    onLine: (line) => log.line(line),
  })
  const watch = watchdog(running, order, cost)
  const stop = () => {
    running.stop()
    watch.draining()
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  const progress = loadProgress(process.stderr, cost.duration_s, !isLimits(order.scenario))
  const every = process.stderr.isTTY ? EVERY_MS.terminal : EVERY_MS.plain
  const ticking = setInterval(() => progress.show(tail.look(LOOK), seconds()), every)
  try {
    const end = await running.ended
    const { stopped, errors } = log
    return {
      end,
      well: endedWell(end, signal.aborted || watch.stopped()),
      ...(stopped === undefined ? {} : { stopped }),
      errors,
      seen: tail.look(),
      seconds: seconds(),
    }
  } finally {
    clearInterval(ticking)
    watch.end()
    signal.removeEventListener('abort', stop)
    progress.stop()
    log.close()
  }
}

interface Watchdog {
  /** It was asked to end: from now on it has the drain time, and some more. */
  draining(): void
  /** Whether the watchdog itself asked it to end. */
  stopped(): boolean
  end(): void
}

/** The caps once more, from outside: an engine that forgets the time is asked to end, then ended. */
function watchdog(running: { stop(): void; kill(): void }, order: Order, cost: Cost): Watchdog {
  const { deadlines, caps, load } = order
  let killing: NodeJS.Timeout | undefined
  let stopped = false
  const draining = () => {
    killing ??= setTimeout(() => {
      complain('the load engine does not end: it is killed')
      running.kill()
    }, deadlines.drain_ms + PATIENCE_MS)
  }
  const calibration_ms = load.calibrate * deadlines.total_ms
  const most_ms =
    Math.min(cost.duration_s, caps.duration_s) * 1000 + calibration_ms + deadlines.drain_ms + PATIENCE_MS
  const stopping = setTimeout(
    () => {
      stopped = true
      complain('the load engine goes on beyond its time: it is asked to end')
      running.stop()
      draining()
    },
    // Longer waits than a timer can have are as good as none.
    Math.min(most_ms, 2 ** 31 - 1),
  )
  return {
    draining,
    stopped: () => stopped,
    end() {
      clearTimeout(stopping)
      clearTimeout(killing)
    },
  }
}
