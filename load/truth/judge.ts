import type { LoadFigures, VerdictLine } from '../../reports/record/types.ts'
import type { Order } from '../order.ts'
import { type Answer, line } from '../samples/verdicts/line.ts'
import { readJournal, type TrueAnswer } from './journal.ts'
import { TRUTH_VERDICTS } from './list.ts'
import { readRows, type SeenAnswer } from './rows.ts'

/** How far the meter may be off, milliseconds. */
const FIRST_MEDIAN_MS = 3
const GAP_MEDIAN_MS = 1
const GAP_P99_MS = 5
/** Share of the sleep that has to show. */
const SHOWS = 0.9
/** Share of the answers without a sleeping reader that may show one: then the machine is too busy to tell. */
const NOISE = 0.02
/** With fewer answers nothing is said. */
const AT_LEAST = 10

export interface Truth {
  order: Order
  samples: string
  journal: string
  /** What was made of the samples. */
  figures: LoadFigures
}

/** Holds the meter against the gateway's journal of true send times. Pure of clock and network. */
export async function judgeTruth({ order, samples, journal, figures }: Truth): Promise<VerdictLine[]> {
  const [rows, answers] = [await readRows(samples), await readJournal(journal)]
  const saturated = figures.stream?.meter.saturated === true
  const plain = rows.filter(({ phase }) => phase === 'plain')
  const pairs = plain.flatMap((seen) => {
    const truth = answers.get(seen.nonce)
    return truth === undefined ? [] : [{ seen, truth }]
  })
  const told = [firstToken(pairs), gaps(pairs, figures), stall(order, rows)]
  return TRUTH_VERDICTS.map((about, i) => line(about, excused(told[i] ?? nothing(0), saturated)))
}

interface Pair {
  seen: SeenAnswer
  truth: TrueAnswer
}

/** A meter that says itself that it could not keep pace has not failed twice. */
function excused(answer: Answer, saturated: boolean): Answer {
  if (answer.verdict !== 'error' || !saturated) return answer
  return { verdict: 'inconclusive', message: `the meter was saturated: ${answer.message}` }
}

function nothing(answers: number): Answer {
  return {
    verdict: 'inconclusive',
    message: `${answers} answers are too few; ${AT_LEAST} are needed (a longer --duration)`,
  }
}

function firstToken(pairs: readonly Pair[]): Answer {
  const errors = pairs.flatMap(({ seen, truth }) =>
    truth.token_ns[0] === undefined ? [] : [(seen.first_ns - truth.token_ns[0]) / 1e6],
  )
  const ends = pairs.map(({ seen, truth }) => (seen.last_ns - truth.last_ns) / 1e6)
  if (errors.length < AT_LEAST) return nothing(errors.length)
  const blur = Math.max(...pairs.map(({ truth }) => truth.blur_ns)) / 1e6
  const median = quantile(errors, 0.5)
  return {
    verdict: Math.abs(median) <= FIRST_MEDIAN_MS ? 'pass' : 'error',
    message: `off by ${ms(median)} at the median, ${ms(quantile(errors, 0.99))} at the 99th percentile over ${errors.length} answers (their ends by ${ms(quantile(ends, 0.5))}); the truth is sure to ${ms(blur)}`,
  }
}

function gaps(pairs: readonly Pair[], { stream }: LoadFigures): Answer {
  const measured = stream?.phases.find(({ name }) => name === 'plain')?.times.itl
  const truth = pairs.flatMap(({ truth: { token_ns } }) =>
    token_ns.slice(1).map((at, i) => (at - (token_ns[i] ?? at)) / 1e6),
  )
  if (measured === undefined || pairs.length < AT_LEAST) return nothing(pairs.length)
  const median = measured.p50 - quantile(truth, 0.5)
  const p99 = measured.p99 - quantile(truth, 0.99)
  return {
    verdict: Math.abs(median) <= GAP_MEDIAN_MS && Math.abs(p99) <= GAP_P99_MS ? 'pass' : 'error',
    message: `median ${ms(measured.p50)}, off by ${ms(median)}; 99th percentile ${ms(measured.p99)}, off by ${ms(p99)}; ${truth.length} gaps`,
  }
}

/**
 * A reader that slept finds what came meanwhile in one read: the gap before it is at least the sleep, and either several
 * tokens are in it or it is late by the sleep.
 */
function stall({ options }: Order, rows: readonly SeenAnswer[]): Answer {
  const { stall_ms, stalled_share } = options
  const slept = Number(stall_ms) * SHOWS
  const count = (phase: string) => {
    const all = rows.filter((row) => row.phase === phase)
    const shown = all.filter((row) => row.gap_ms >= slept && (row.coalesced > 1 || row.lag_ms >= slept))
    return { all: all.length, shown: shown.length }
  }
  const [plain, stalled] = [count('plain'), count('stalled')]
  const expected = Math.round(stalled.all * Number(stalled_share))
  if (expected < 1) return nothing(stalled.all)
  const message = `${stalled.shown} of ${stalled.all} answers show it where about ${expected} readers slept ${String(stall_ms)} ms; ${plain.shown} of ${plain.all} where none did`
  if (plain.shown > plain.all * NOISE) {
    return { verdict: 'inconclusive', message: `${message}: this machine stalls by itself` }
  }
  return { verdict: stalled.shown >= expected / 2 ? 'pass' : 'error', message }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function ms(value: number): string {
  return `${Math.round(value * 1000) / 1000} ms`
}
