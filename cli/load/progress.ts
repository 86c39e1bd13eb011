import { SingleBar } from 'cli-progress'
import { plural } from '../../reports/terminal/screen.ts'
import { durationText } from './duration.ts'
import type { Seen } from './tail.ts'

type Stream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }

export interface LoadProgress {
  /** Shows what is known now. `seconds`: since the engine was started. */
  show(seen: Seen, seconds: number): void
  stop(): void
}

/** On a terminal a line is kept up to date; elsewhere there is a line every few seconds. */
export const EVERY_MS = { terminal: 500, plain: 5000 }

/** Live progress of a load run of about `duration_s`. `phases`: the scenario tells when its timetable begins. */
export function loadProgress(stream: Stream, duration_s: number, phases: boolean): LoadProgress {
  const inner = stream.isTTY === true ? bar(stream, duration_s) : plain(stream, duration_s)
  let began: number | undefined = phases ? undefined : 0
  return {
    show(seen, seconds) {
      if (seen.began) began ??= seconds
      inner.show(seen, began === undefined ? undefined : seconds - began)
    },
    stop: () => inner.stop(),
  }
}

interface Shown {
  /** `seconds`: since the timetable began; undefined before. */
  show(seen: Seen, seconds: number | undefined): void
  stop(): void
}

function bar(stream: Stream, duration_s: number): Shown {
  const total = Math.max(1, Math.ceil(duration_s))
  const single = new SingleBar({
    stream,
    format: '{bar} {told}',
    barsize: Math.max(8, Math.min(24, (stream.columns ?? 80) - 72)),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    gracefulExit: false,
    hideCursor: false,
    linewrap: true,
  })
  single.start(total, 0, { told: 'the engine starts' })
  let running = true
  return {
    show(seen, seconds) {
      if (running)
        single.update(Math.min(total, Math.floor(seconds ?? 0)), { told: told(seen, seconds, duration_s) })
    },
    stop() {
      if (running) single.stop()
      running = false
    },
  }
}

function plain(stream: Stream, duration_s: number): Shown {
  return {
    show: (seen, seconds) => void stream.write(`assay: ${told(seen, seconds, duration_s)}\n`),
    stop: () => undefined,
  }
}

/** `12 s of 30 s · main · 480 requests finished · 3 refused · 20 in flight · first token 212 ms`. */
function told(seen: Seen, seconds: number | undefined, duration_s: number): string {
  return [
    timeText(seconds, duration_s),
    ...(seen.phase === undefined || seconds === undefined ? [] : [seen.phase]),
    `${plural(seen.finished, 'request')} finished`,
    ...(seen.refused > 0 ? [`${seen.refused} refused`] : []),
    ...(seen.failed > 0 ? [`${seen.failed} FAILED`] : []),
    ...(seen.open > 0 ? [`${seen.open} in flight`] : []),
    ...(seen.recent.length > 0 ? [`first token ${Math.round(median(seen.recent))} ms`] : []),
  ].join(' · ')
}

function timeText(seconds: number | undefined, duration_s: number): string {
  if (seconds === undefined) return 'calibrating, one request at a time'
  const past = durationText(Math.floor(seconds))
  return seconds > duration_s ? `${past}, draining` : `${past} of ${durationText(duration_s)}`
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
