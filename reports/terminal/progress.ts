import { SingleBar } from 'cli-progress'
import { noOutcomes, outcomeOf, outcomesText } from '../outcomes.ts'
import type { VerdictLine } from '../record/types.ts'
import { clip } from './columns.ts'
import { safeText } from './safe-text.ts'
import { plural } from './screen.ts'

/** Live progress of a run. */
export interface Progress {
  /** One exchange ended. */
  exchange(): void
  /** One check or rule was judged. */
  verdict(line: VerdictLine): void
  /** Takes the bar away (a terminal), or tells the last count (plain lines). May be called twice. */
  stop(): void
}

export type ProgressStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }

/** What the run plans: both are bounds, so a run may end before them. */
export interface ProgressPlan {
  checks: number
  requests: number
}

/** A bar on a terminal; elsewhere a line for each tenth of the requests, and one for each check that fails. */
export function progress(stream: ProgressStream, plan: ProgressPlan): Progress {
  return stream.isTTY === true ? bar(stream, plan) : plain(stream, plan)
}

function bar(stream: ProgressStream, plan: ProgressPlan): Progress {
  const width = stream.columns ?? 80
  let requests = 0
  const sum = noOutcomes()
  let running = true
  const single = new SingleBar({
    stream,
    format: '{bar} {value}/{total} requests · {passed} passed · {failed} failed',
    barsize: Math.max(8, Math.min(40, width - 52)),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    // The command line answers SIGINT: the record comes first.
    gracefulExit: false,
    hideCursor: false,
    // Cuts the line to the terminal's width instead of switching its wrapping off, which a kill would leave off.
    linewrap: true,
  })
  const payload = () => ({ passed: sum.passed, failed: sum.failed })
  single.start(Math.max(1, plan.requests), 0, payload())
  return {
    exchange() {
      requests += 1
      if (!running) return
      if (requests > single.getTotal()) single.setTotal(requests)
      single.update(requests, payload())
    },
    verdict(line) {
      sum[outcomeOf(line)] += 1
      if (running) single.update(requests, payload())
    },
    stop() {
      if (!running) return
      running = false
      single.stop()
    },
  }
}

function plain(stream: ProgressStream, plan: ProgressPlan): Progress {
  let requests = 0
  const sum = noOutcomes()
  let tenth = 0
  let running = true
  const say = (text: string) => stream.write(`assay: ${text}\n`)
  return {
    exchange() {
      requests += 1
      const now = Math.min(10, Math.floor((requests * 10) / Math.max(1, plan.requests)))
      if (!running || now === tenth) return
      tenth = now
      say(`${now * 10} %, ${requests} of ${plural(Math.max(requests, plan.requests), 'request')}`)
    },
    verdict(line) {
      sum[outcomeOf(line)] += 1
      if (!running) return
      const text = () => clip(safeText(`${line.id}: ${line.message || line.title}`), 200)
      if (line.verdict === 'fail') say(`FAIL ${text()}`)
      if (line.verdict === 'error') say(`ERROR ${text()}`)
    },
    stop() {
      if (!running) return
      running = false
      say(`${plural(requests, 'request')}: ${outcomesText(sum)}`)
    },
  }
}
