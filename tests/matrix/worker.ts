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
import { vary } from './vary.ts'

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
  if (job.kind === 'variations') {
    const { variations: said, sent } = await vary(
      job.ids.map((id) => known(variations, id)),
      {
        stand,
        profile: job.profile,
        before,
        // Generated questions about fields see the same forms of answers again, a hundred times over.
        of: job.fields ? () => true : (check) => check.field === undefined,
        verdicts,
      },
    )
    return { kind: 'variations', variations: said, sent, ms: performance.now() - opened }
  }
  const fault = known(faults, job.id)
  const outcome = await stand.twisted(fault.twist, { everything: fault.stateful === true })
  const after: Verdicts = { ...before, ...verdicts(outcome) }
  const assessment = assess(fault, before, after, errors, sends)
  return { kind: 'fault', assessment, sent: outcome.sent, ms: performance.now() - opened }
}

function known<T>(all: ReadonlyMap<string, T>, id: string): T {
  const one = all.get(id)
  if (one === undefined) throw new Error(`nothing is called ${id}`)
  return one
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
