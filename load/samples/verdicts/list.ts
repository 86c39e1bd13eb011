import type { Level } from '../../../reports/record/types.ts'

/** What a load run is asked, beside its figures. */
export interface LoadVerdict {
  id: string
  kind: 'check' | 'rule'
  level: Level
  title: string
  fix: string
  /** What is looked at, and from where on it is a deviation. */
  asks: string
  /** By whose word. */
  by: string
}

const METER_FIX =
  'Give the meter more room: end what else runs on this machine; fewer streams, fewer tokens a second, a machine of its own, or several machines.'

export const LOAD_VERDICTS: readonly LoadVerdict[] = [
  {
    id: 'load/invariants/finished',
    kind: 'rule',
    level: 'must',
    title: 'Every request that is let in gets a whole answer',
    fix: 'Find what breaks answers off under load (time-outs, buffers, pool limits); refuse with 429 or 503 what cannot be served.',
    asks: 'Every request that was not refused and that we did not leave ourselves: did its answer come, and did it come to its end? Each that did not is a deviation: cut off, ended without its end mark, ended by an error event, or never begun. Time-outs alone accuse nobody where the meter was saturated and late itself by a tenth of the deadline.',
    by: 'the dialect: a client cannot tell half an answer from a whole one',
  },
  {
    id: 'load/invariants/grammar',
    kind: 'rule',
    level: 'must',
    title: 'Every stream keeps its grammar under load',
    fix: 'Run `assay run` for the rule that is named; what only breaks under load is most often shared state between streams.',
    asks: 'Every stream is read against the dialect’s grammar and the rules of event streams while it comes. A rule is weighed as in a conformance run: what the profile documents fails, else what it claims; the rest warns. A stream that did not come to its end is not blamed for what it could no longer send; where none did, it is undecided.',
    by: 'the dialect’s grammar, see assay explain of the rule that is named',
  },
  {
    id: 'load/invariants/usage',
    kind: 'rule',
    level: 'must',
    title: 'Usage is consistent in every answer',
    fix: 'Count tokens for each request by itself, and send usage with every answer or with none.',
    asks: 'Of finished answers: usage in some and not in others; more completion tokens than the bound that was asked for; none for an answer with content; negative ones. Warns: more reasoning than completion tokens; fewer billed than sent, where nearly all other answers are covered.',
    by: 'the dialect: usage says what is billed',
  },
  {
    id: 'load/invariants/cross-talk',
    kind: 'rule',
    level: 'must',
    title: 'No answer holds what belongs to another request',
    fix: 'Look for state that streams share: buffers that are reused too early, caches keyed by less than the whole request.',
    asks: 'Each request carries a word of its own and asks for it at the beginning of the answer. The word of another request in an answer is a deviation, however rare.',
    by: 'nobody has to write this down: it is another user’s data',
  },
  {
    id: 'load/invariants/nonce',
    kind: 'rule',
    level: 'may',
    title: 'Every answer holds the word that its request asked for',
    fix: 'If the model is able to follow so short an instruction, look for prompts that are cut, cached or mixed up.',
    asks: 'Finished answers without their own word. A model may disobey, so this warns, with the counts; against the reference gateway, which obeys, it fails. Tool calls, refusals and answers of fewer than 24 tokens do not count.',
    by: 'the prompt',
  },
  {
    id: 'load/invariants/refusals',
    kind: 'rule',
    level: 'must',
    title: 'Overload is said by 429, 503 or 529',
    fix: 'Answer 429 or 503 with Retry-After when there is no room; keep 5xx for faults.',
    asks: 'The statuses of all refused requests. 500, 502, 504 and the like are faults of the server and fail; they only warn where an objective on errors says how many may be. Other statuses than 429, 503 and 529 warn: clients do not retry them, or take them for their own mistake. Undecided where nothing was ever let in and no status is a server’s fault: a wrong key or path is refused at any load.',
    by: 'RFC 9110 and RFC 6585: 429 and 503 are what clients wait and retry for',
  },
  {
    id: 'load/cancel/slot-free',
    kind: 'check',
    level: 'must',
    title: 'The place of a client that hangs up is free again',
    fix: 'Watch the client’s connection while streaming, and release slots, counters and the upstream request when it closes.',
    asks: 'As soon as the last client has hung up, as many are let in again? Waiting more than 1 s warns; not all let in within the time of the probe fails. Undecided where nobody hung up.',
    by: 'good practice: otherwise hanging up is enough to stop a service',
  },
  {
    id: 'load/isolation/healthy-key',
    kind: 'check',
    level: 'must',
    title: 'A key that is exhausted does no harm to a healthy one',
    fix: 'Refuse an exhausted key before it takes a worker, a connection or a place in a queue that others need.',
    asks: 'The healthy key beside the hammered one against the same key alone, before and after. Harm is: fails more often (Fisher’s exact test, p < 0.001, and by at least 1 point); or is slower (Mann-Whitney, p < 0.001, a request beside is slower than one alone with a chance of at least 0.71, and the median grew by at least 10 % and 2 ms). Undecided where before and after differ as much, or the data could hide harm.',
    by: 'what a limit for each key is for',
  },
  {
    id: 'load/soak/drift',
    kind: 'check',
    level: 'must',
    title: 'Latency does not drift over a long time',
    fix: 'Look for what grows with the number of requests: logs, caches, open connections, timers.',
    asks: 'The medians of ttft, itl and tpot of each window against time (Theil-Sen with Sen’s 95 % interval). A growth over the whole run of at least 10 % and 1 ms (itl, tpot: 0.2 ms) whose interval stays above 5 % fails; one whose interval reaches beyond 10 % is undecided.',
    by: 'the question of a soak',
  },
  {
    id: 'load/soak/memory',
    kind: 'check',
    level: 'may',
    title: 'The gateway’s memory does not grow under steady load',
    fix: 'Take heap snapshots at two times and compare them.',
    asks: 'Resident memory of the process that was watched, after the first third of the run, against time. A growth of at least 10 % and 16 MiB whose interval stays above 5 % warns; over 10 minutes or more it fails. Nothing is said where no process was watched.',
    by: 'the question of a soak',
  },
  {
    id: 'load/burst/recovered',
    kind: 'check',
    level: 'must',
    title: 'After a burst the gateway is as before',
    fix: 'Bound queues, and drop what nobody waits for any more.',
    asks: 'The base load after the last burst against before the first, by the tests of load/isolation/healthy-key.',
    by: 'the question of a burst',
  },
  {
    id: 'load/sweep/knee',
    kind: 'check',
    level: 'must',
    title: 'The highest rate that meets the objectives',
    fix: 'Read the table of steps: which objective is missed first says what runs out.',
    asks: 'Each step’s figures against every objective. The knee is the highest rate that meets all, below the lowest that misses one. It fails where no rate met them, and is undecided where the meter was saturated at the knee or at the first rate that missed.',
    by: 'the user’s objectives',
  },
  {
    id: 'load/meter/saturated',
    kind: 'check',
    level: 'must',
    title: 'The meter was able to measure this',
    fix: METER_FIX,
    asks: 'How late reads came (lag), reads with several tokens against their share at low load, late timers, and CPU time; docs/metrics.md has the bounds. Where one is crossed the figures may be the meter’s and not the gateway’s: it is an error of assay, and no objective is judged.',
    by: 'assay',
  },
  {
    id: 'load/meter/complete',
    kind: 'check',
    level: 'must',
    title: 'The sample file is whole',
    fix: 'Run it again; look at the disk and at k6.log where it is torn again.',
    asks: 'The last line says how many rows there are, and all are there.',
    by: 'assay',
  },
  {
    id: 'load/meter/schedule',
    kind: 'check',
    level: 'may',
    title: 'Requests were sent when they were planned',
    fix: 'Give an open model enough streams (--concurrency) for its rate and the gateway’s latency, and the meter a machine that can start so many at once.',
    asks: 'Of an open model: requests that found no free stream and were never sent (they count as lost in every objective), and the delay between planned and real start, 99th percentile above 10 ms. Both warn.',
    by: 'assay',
  },
  {
    id: 'load/meter/clock',
    kind: 'check',
    level: 'may',
    title: 'The clock was not set during the run',
    fix: 'Let the clock be slewed, not stepped, while measuring.',
    asks: 'Steps of the real-time clock against the monotonic one. Arrivals over which it was set are taken from user space, so that figures stay right; a step warns.',
    by: 'assay',
  },
]

/** The objectives of an order are verdicts too: `load/slo/<metric>-<quantile>`. */
export const SLO_VERDICT: LoadVerdict = {
  id: 'load/slo/<metric>[-<quantile>]',
  kind: 'check',
  level: 'must',
  title: 'An objective of the order is met',
  fix: 'The table of figures says by how much it was missed; the slowest rows are named.',
  asks: 'The quantile over all requests of the headline phases that were sent and not left by us; one that failed or was never sent counts as endless. Where a figure has two bounds, the upper one must meet the objective to pass and the lower one miss it to fail. A quantile q needs 1 / (1 − q) requests.',
  by: 'the user’s objectives',
}
