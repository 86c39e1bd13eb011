/** One thread of the matrix: a stand for each profile, faults by id in, verdicts out. */
import { parentPort } from 'node:worker_threads'
import { places } from '../../fixtures/gateway/edit.ts'
import { loadVariations } from '../../fixtures/variations/variations.ts'
import { loadSpecs } from '../../specs/load.ts'
import { readJson } from '../../suites/core/json.ts'
import { assess, type Verdicts, verdictsOf } from './assess.ts'
import { DIALECTS } from './dialects.ts'
import { allFaults } from './faults.ts'
import type { Answer, Job } from './jobs.ts'
import { type Outcome, Stand } from './stand.ts'
import { type Subjects, subjectsOf } from './subjects.ts'

interface Held {
  stand: Stand
  subjects: Subjects
  errors: Set<string>
  before: Verdicts
  /** Checks that send a field of the request, as the gateway was asked without a fault. */
  sends(path: string): string[]
}

const specs = loadSpecs()
const faults = new Map(allFaults(specs).map((fault) => [fault.id, fault]))
const variations = new Map(loadVariations().map((variation) => [variation.id, variation]))
const stands = new Map<string, Promise<Held>>()

async function open(id: string): Promise<Held> {
  const profile = specs.profiles.get(id)
  if (profile === undefined) throw new Error(`no profile is called ${id}`)
  const stand = await Stand.open({ specs, profile, dialects: DIALECTS })
  const subjects = subjectsOf(stand.selected)
  const outcome = await stand.untwisted()
  const bodies = new Map(
    [...outcome.exchanges].map(([digest, { request }]) => [digest, readJson(request.body ?? '').value]),
  )
  const checks = outcome.lines.filter(({ kind }) => kind === 'check')
  const sends = (path: string): string[] =>
    checks
      .filter(({ exchanges }) => exchanges.some((digest) => places(bodies.get(digest), path).length > 0))
      .map(({ id }) => id)
  return { stand, subjects, errors: new Set(subjects.errors), before: verdicts(outcome), sends }
}

function held(profile: string): Promise<Held> {
  let one = stands.get(profile)
  if (one === undefined) {
    one = open(profile)
    stands.set(profile, one)
  }
  return one
}

function verdicts({ lines, exchanges }: Outcome): Verdicts {
  return verdictsOf(lines, (digest) => {
    const exchange = exchanges.get(digest)
    const dialect = DIALECTS.find(({ id }) => id === exchange?.dialect)
    return exchange !== undefined && (dialect?.succeeded(dialect.view(exchange)) ?? false)
  })
}

async function answer(job: Job): Promise<Answer> {
  const started = performance.now()
  const { stand, subjects, errors, before, sends } = await held(job.profile)
  const opened = performance.now()
  if (job.kind === 'baseline')
    return { kind: 'baseline', profile: job.profile, subjects, verdicts: before, ms: opened - started }
  const twisted = job.kind === 'fault' ? faults.get(job.id) : variations.get(job.id)
  if (twisted === undefined) throw new Error(`no ${job.kind} is called ${job.id}`)
  const outcome = await stand.twisted(twisted.twist, {
    everything: 'stateful' in twisted && twisted.stateful === true,
    // Generated questions about fields see the same forms of answers again, a hundred times over.
    ...(job.kind === 'variation' && !job.fields && { of: (check) => check.field === undefined }),
  })
  const after: Verdicts = { ...before, ...verdicts(outcome) }
  const cost = { sent: outcome.sent, ms: performance.now() - opened }
  if (job.kind === 'fault') {
    const fault = faults.get(job.id)!
    return { kind: 'fault', assessment: assess(fault, before, after, errors, sends), ...cost }
  }
  const changed = Object.keys(after)
    .filter((id) => after[id]!.verdict !== before[id]?.verdict)
    .filter((id) => !unheard(before[id]?.verdict, after[id]!.verdict))
    .map((id) => `${id}: ${before[id]?.verdict} became ${after[id]!.verdict}: ${after[id]!.message}`)
  return {
    kind: 'variation',
    id: job.id,
    profile: job.profile,
    changed,
    touched: outcome.touched > 0,
    ...cost,
  }
}

/** A rule that had nothing to speak of before, and is content now. */
function unheard(before: string | undefined, after: string): boolean {
  return (before === 'skip' && after === 'pass') || (before === 'pass' && after === 'skip')
}

parentPort!.on('message', (job: Job | 'close') => {
  if (job === 'close') {
    void Promise.all([...stands.values()].map(async (one) => (await one).stand.close())).then(() =>
      parentPort!.close(),
    )
    return
  }
  answer(job).then(
    (one) => parentPort!.postMessage(one),
    (error: unknown) =>
      parentPort!.postMessage({
        kind: 'broken',
        text: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies Answer),
  )
})
