/**
 * The kill matrix: every fault and every variation against everything that is asked, in worker threads, each with a
 * gateway of its own. Faults of one site go to one thread where possible: opening a site costs more than a fault.
 */
import { Worker } from 'node:worker_threads'
import type { FaultFacts } from '../../fixtures/faults/faults.ts'
import { legalOn, loadVariations } from '../../fixtures/variations/variations.ts'
import { loadSpecs } from '../../specs/load.ts'
import type { Assessment, Verdicts } from './assess.ts'
import { companies } from './company.ts'
import { allFaults, faultKey } from './faults.ts'
import type { Answer, Job, VariationSaid } from './jobs.ts'
import { SITES, type Site, siteName } from './sites.ts'
import type { Subjects } from './subjects.ts'

export interface Matrix {
  faults: (FaultFacts & Assessment)[]
  variations: VariationSaid[]
  /** By the name of the site: what applies, and the verdicts without a fault. */
  baselines: Map<string, { subjects: Subjects; verdicts: Verdicts }>
  /** Ids that some fault kills. */
  killed: Set<string>
  /** Ids that no fault kills, in the order of the checks. */
  survivors: string[]
  /** Milliseconds from the call to the end, by phase. */
  times: { start: number; baselines: number; rest: number; all: number }
  sent: number
  slowest: { id: string; ms: number }[]
}

export interface MatrixOptions {
  threads?: number
  /** Put the generated questions about fields under each variation too, which takes several times as long. Default: false. */
  fieldsUnderVariations?: boolean
  /** Show each variation alone. Default: in companies (see `company.ts`). */
  singly?: boolean
  /** Only faults and variations whose id this accepts. */
  only?(id: string): boolean
  /** Default: all. */
  sites?: readonly Site[]
}

export async function runMatrix(options: MatrixOptions = {}): Promise<Matrix> {
  const started = performance.now()
  const fields = options.fieldsUnderVariations ?? false
  const only = options.only ?? (() => true)
  const sites = options.sites ?? SITES
  const threads = Array.from({ length: options.threads ?? 2 }, () => new Thread())
  const faults = allFaults(loadSpecs()).filter((fault) => only(fault.id) && sites.some(on(fault)))
  const variations = loadVariations().filter(({ id }) => only(id))
  const jobs: Job[] = [
    // The longest first, so that no thread is left with one at the end.
    ...sites.flatMap((site, number) => {
      const legal = variations.filter((one) => legalOn(one, site))
      const groups = options.singly ? legal.map((one) => [one]) : companies(legal, number)
      return groups.map(
        (company): Job => ({ kind: 'variations', site, ids: company.map(({ id }) => id), fields }),
      )
    }),
    ...faults.map((fault): Job => ({ kind: 'fault', site: sites.find(on(fault))!, id: fault.id })),
  ]
  const answers: Answer[] = []
  let opened = 0
  let begun = 0
  try {
    const queue = new Queue(jobs)
    await Promise.all(
      threads.map(async (thread, number) => {
        // Each thread begins with sites of its own.
        const own = sites.filter((_, at) => at % threads.length === number)
        await thread.ready
        begun = Math.max(begun, performance.now())
        for (const site of own) answers.push(await thread.ask({ kind: 'baseline', site }))
        opened = Math.max(opened, performance.now())
        for (let job = queue.next(own); job !== undefined; job = queue.next(own))
          answers.push(await thread.ask(job))
      }),
    )
  } finally {
    await Promise.all(threads.map((thread) => thread.close()))
  }
  const ended = performance.now()
  const times = {
    start: begun - started,
    baselines: opened - begun,
    rest: ended - opened,
    all: ended - started,
  }
  return { ...collect(answers, faults, sites), times }
}

function on({ dialect, profile }: FaultFacts): (site: Site) => boolean {
  return (site) => site.dialect === dialect && site.profile === profile
}

function collect(answers: Answer[], faults: FaultFacts[], sites: readonly Site[]): Omit<Matrix, 'times'> {
  const baselines: Matrix['baselines'] = new Map()
  const assessed = new Map<string, Assessment>()
  const variations: VariationSaid[] = []
  const slowest: Matrix['slowest'] = []
  let sent = 0
  for (const one of answers) {
    if (one.kind === 'broken') throw new Error(one.text)
    if (one.kind === 'baseline') {
      baselines.set(siteName(one.site), one)
      continue
    }
    sent += one.sent
    if (one.kind === 'variations') variations.push(...one.variations)
    else assessed.set(faultKey({ id: one.assessment.id, dialect: one.dialect }), one.assessment)
    const id = one.kind === 'fault' ? one.assessment.id : `variations with ${one.variations[0]!.id}`
    slowest.push({ id, ms: Math.round(one.ms) })
  }
  const killed = new Set([...assessed.values()].flatMap((one) => one.killed))
  const ids = new Set(sites.flatMap((site) => baselines.get(siteName(site))?.subjects.ids ?? []))
  return {
    faults: faults.map((fault) => ({ ...facts(fault), ...assessed.get(faultKey(fault))! })),
    variations,
    baselines,
    killed,
    survivors: [...ids].filter((id) => !killed.has(id)),
    sent,
    slowest: slowest.toSorted((a, b) => b.ms - a.ms).slice(0, 10),
  }
}

/** A fault without what it does. */
function facts(fault: FaultFacts & { twist?: unknown }): FaultFacts {
  const { twist: _, ...rest } = fault
  return rest
}

/** Jobs by site: a thread takes those of the sites that it has open, and then helps with the others. */
class Queue {
  readonly #jobs: Job[]

  constructor(jobs: Job[]) {
    this.#jobs = jobs
  }

  next(own: readonly Site[]): Job | undefined {
    const at = this.#jobs.findIndex(({ site }) => own.includes(site))
    return this.#jobs.splice(Math.max(at, 0), 1)[0]
  }
}

class Thread {
  // Many short-lived values: a larger nursery takes a tenth off the whole.
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 128 },
  })
  readonly ready = new Promise<void>((resolve) => this.#worker.once('online', resolve))

  async ask(job: Job): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#worker.once('error', reject)
      this.#worker.once('message', (answer: Answer) => {
        this.#worker.removeListener('error', reject)
        resolve(answer)
      })
      this.#worker.postMessage(job)
    })
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.postMessage('close')
    await gone
  }
}
