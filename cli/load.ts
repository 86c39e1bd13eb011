import path from 'node:path'
import type { Engine } from '../load/engine/find.ts'
import type { Order } from '../load/order.ts'
import { readRecord } from '../reports/record/read.ts'
import type { JsonObject, LoadOrder, RunLine } from '../reports/record/types.ts'
import { RecordWriter } from '../reports/record/write.ts'
import { digestsOf } from './digests.ts'
import { EXIT } from './exit.ts'
import { openEngine } from './load/engine.ts'
import { engineEnvironment } from './load/environment.ts'
import { type Ended, finish } from './load/finish.ts'
import { type LoadTarget, openTarget, standIn } from './load/gateway.ts'
import { allowedHosts, assertMayLoad, hostOf, isLoopback } from './load/hosts.ts'
import { recordedLoadOptions } from './load/options.ts'
import { planText } from './load/plan-text.ts'
import {
  type Cost,
  costWithin,
  orderOf,
  type PreparedLoad,
  prepareLoad,
  recordedOrder,
  rolesOf,
} from './load/prepare.ts'
import { ORDER_FILE, runEngine } from './load/run.ts'
import { isLimits, scenarioOf } from './load/scenarios.ts'
import type { LoadFlags } from './load/settings.ts'
import { showRecord, writeReports } from './reports.ts'
import { type Interruption, onInterrupt } from './signals.ts'
import { complain, say } from './speak.ts'
import { version } from './version.ts'

/** `assay load SCENARIO`. */
export async function load(word: string | undefined, flags: LoadFlags): Promise<number> {
  const interruption = onInterrupt(() =>
    complain(
      'interrupted: no request is begun any more, those in flight may end, then what is known is written (once more ends at once)',
    ),
  )
  try {
    if (flags.build) return await build(word, interruption.signal)
    return await carryOut(prepareLoad(scenarioOf(word), flags, process.env), flags, interruption)
  } catch (error) {
    // Interrupted before there was anything to be written.
    if (interruption.signal.aborted && error === interruption.signal.reason) return EXIT.interrupted
    throw error
  } finally {
    interruption.release()
  }
}

/** `assay load --build`: the path of the engine on standard output. */
async function build(word: string | undefined, signal: AbortSignal): Promise<number> {
  if (word !== undefined) scenarioOf(word)
  const engine = await openEngine({ extension: true, ownOnly: true, signal })
  complain(
    `${engine.from === 'build' ? 'built' : 'already built'}: k6 ${engine.version} with assay's extension, ${engine.go}`,
  )
  say(engine.path)
  return EXIT.ok
}

async function carryOut(prepared: PreparedLoad, flags: LoadFlags, { signal }: Interruption): Promise<number> {
  const hosts = flags.iMayLoad ?? []
  allowedHosts(hosts)
  if (flags.plan) return await showPlan(prepared, hosts)
  const { target, scenario } = prepared
  const remote = target.bases?.[prepared.dialect]
  if (remote !== undefined) {
    const order = orderOf(prepared, remote, rolesOf(prepared, target.roles))
    for (const line of planText(order, await costWithin(order), {
      embedded: false,
      needs: needs(remote, hosts),
    }))
      complain(line)
    await assertMayLoad(remote, hosts)
  }
  const dir = prepared.out ?? defaultDir(prepared)
  // The engine may take minutes to be built.
  RecordWriter.assertPlace(dir)
  const engine = await openEngine({ extension: !isLimits(scenario), signal })
  const writer = RecordWriter.create(dir)
  let status: number
  try {
    const gateway = await openTarget(prepared, dir)
    let ended: Ended
    try {
      ended = await ask(prepared, gateway, { dir, engine, signal, writer })
    } finally {
      await gateway.close()
    }
    status = await finish(ended, writer)
  } finally {
    writer.close()
  }
  const record = await readRecord(dir)
  writeReports(dir, record)
  showRecord(record, dir)
  return status
}

/** Prints what would be asked. No name is looked up, no key is needed. */
async function showPlan(prepared: PreparedLoad, hosts: readonly string[]): Promise<number> {
  const { target } = prepared
  const base = target.bases?.[prepared.dialect]
  const roles = target.roles.filter((role) => !target.chosen.includes(role))
  const order = orderOf(prepared, base ?? standIn(prepared), rolesOf(prepared, roles))
  const more = { embedded: base === undefined, needs: base !== undefined && needs(base, hosts) }
  say(planText(order, await costWithin(order), more).join('\n'))
  return EXIT.ok
}

/** Whether a host has to be allowed, as far as it can be known without looking it up. */
function needs(base: string, hosts: readonly string[]): boolean {
  const host = hostOf(base)
  return host !== 'localhost' && !isLoopback(host) && !allowedHosts(hosts).has(host)
}

async function ask(
  prepared: PreparedLoad,
  gateway: LoadTarget,
  run: {
    dir: string
    engine: Engine
    signal: AbortSignal
    writer: RecordWriter
  },
): Promise<Ended> {
  const { target, allowUnproven } = prepared
  const { dir, engine, signal, writer } = run
  const roles = rolesOf(prepared, gateway.roles)
  const { env, keys, secretHeaders } = engineEnvironment({
    env: process.env,
    more: gateway.environment,
    orderFile: path.resolve(dir, ORDER_FILE),
    keys: Object.fromEntries(roles.map((role) => [role, gateway.keys[role]])),
    ...target.extra,
  })
  const order = orderOf(prepared, gateway.base, roles, { keys, secretHeaders })
  const cost = await costWithin(order)
  if (gateway.embedded) {
    complain(`no --url: the embedded reference gateway stands in for profile ${target.profile.id}`)
    for (const line of planText(order, cost, { embedded: true, needs: false })) complain(line)
  }
  writer.write(runLine(prepared, gateway, order, cost))
  const secrets = [
    ...roles.map((role) => ({ role, value: gateway.keys[role] ?? '' })),
    ...target.extra.secrets,
  ]
  const outcome = await runEngine({ dir, order, cost, engine, env, secrets, signal })
  return {
    dir,
    order,
    specs: target.specs,
    profile: target.profile,
    embedded: gateway.embedded,
    outcome,
    interrupted: signal.aborted,
    allowUnproven,
  }
}

function runLine(prepared: PreparedLoad, gateway: LoadTarget, order: Order, cost: Cost): RunLine {
  const { target, dialect } = prepared
  return {
    type: 'run',
    schema: 'assay/record/1',
    assay: version(),
    node: process.version,
    startedAt: new Date().toISOString(),
    seed: target.seed,
    target: {
      url: gateway.base,
      urls: { [dialect]: gateway.base },
      embedded: gateway.embedded,
      dialects: [dialect],
      model: target.model,
    },
    profile: JSON.parse(JSON.stringify(target.profile)) as JsonObject,
    options: recordedLoadOptions(prepared, gateway),
    digests: digestsOf(target.profile, []),
    plan: { checks: 0, requests: cost.requests, tokens: cost.tokens },
    load: recordedOrder(order) as unknown as LoadOrder,
  }
}

/** `assay-out/2026-11-22T01-53-12-345Z-latency-openai`. */
function defaultDir({ scenario, target }: PreparedLoad): string {
  const time = new Date().toISOString().replaceAll(/[:.]/g, '-')
  return path.join('assay-out', `${time}-${scenario}-${target.profile.id}`)
}
