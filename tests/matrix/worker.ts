/** One thread of the matrix: a stand for each site, faults by id in, verdicts out. */
import { parentPort } from 'node:worker_threads'
import { places } from '../../fixtures/gateway/edit.ts'
import { loadVariations } from '../../fixtures/variations/variations.ts'
import { loadSpecs } from '../../specs/load.ts'
import { readJson } from '../../suites/core/json.ts'
import { assess, type Verdicts, verdictsOf } from './assess.ts'
import { askingIn, DIALECTS } from './dialects.ts'
import { allFaults, faultKey } from './faults.ts'
import type { Answer, Job } from './jobs.ts'
import { type Site, siteName } from './sites.ts'
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
const faults = new Map(allFaults(specs).map((fault) => [faultKey(fault), fault]))
const variations = new Map(loadVariations().map((variation) => [variation.id, variation]))
const stands = new Map<string, Promise<Held>>()

async function open(site: Site): Promise<Held> {
  const profile = specs.profiles.get(site.profile)
  if (profile === undefined) throw new Error(`no profile is called ${site.profile}`)
  const stand = await Stand.open({ specs, profile, dialects: askingIn(site.dialect) })
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

function held(site: Site): Promise<Held> {
  const name = siteName(site)
  let one = stands.get(name)
  if (one === undefined) {
    one = open(site)
    stands.set(name, one)
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
  const { stand, subjects, errors, before, sends } = await held(job.site)
  const opened = performance.now()
  if (job.kind === 'baseline')
    return { kind: 'baseline', site: job.site, subjects, verdicts: before, ms: opened - started }
  if (job.kind === 'variations') {
    const { variations: said, sent } = await vary(
      job.ids.map((id) => known(variations, id)),
      {
        stand,
        site: job.site,
        before,
        // Generated questions about fields see the same forms of answers again, a hundred times over.
        of: job.fields ? () => true : (check) => check.field === undefined,
        verdicts,
      },
    )
    return { kind: 'variations', variations: said, sent, ms: performance.now() - opened }
  }
  const fault = known(faults, faultKey({ id: job.id, dialect: job.site.dialect }))
  const outcome = await stand.twisted(fault.twist, { everything: fault.stateful === true })
  const after: Verdicts = { ...before, ...verdicts(outcome) }
  const assessment = assess(fault, before, after, errors, sends)
  return {
    kind: 'fault',
    dialect: fault.dialect,
    assessment,
    sent: outcome.sent,
    ms: performance.now() - opened,
  }
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
