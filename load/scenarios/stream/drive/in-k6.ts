/** The world inside k6: the order and its material are read when a virtual user is made, answers come by the extension. */
import { SharedArray } from 'k6/data'
import exec from 'k6/execution'
import { setTimeout } from 'k6/timers'
import { Client, gap, note, now } from 'k6/x/assay'
import { ORDER_ENV, type Order } from '../../../order.ts'
import type { Bodies } from '../../prompts/body.ts'
import { type OwnPrompt, parsePrompts } from '../../prompts/jsonl.ts'
import { Words } from '../../prompts/words.ts'
import { k6Options, usersOf } from '../plan/k6-options.ts'
import { problemsOf } from '../plan/problems.ts'
import { needsGaps } from '../plan/thresholds.ts'
import { Drive } from './drive.ts'
import type { Engine, Share } from './engine.ts'

/** Between the end of calibration and the first request: all virtual users have to be there. */
const LEAD_MS = 100

const order = readOrder()
const client = clientOf(order)
const engine = engineOf(order)
const bodies: Bodies = JSON.parse(open(import.meta.resolve('../../prompts/bodies.json')))
const words = new Words(JSON.parse(open(import.meta.resolve('../../prompts/words.json'))), order.seed)
const own = ownPrompts(order)

export const options = k6Options(order)

/** Asks the calibration's requests one by one; gives the start of the timetable on the run's clock. */
export async function setup(): Promise<{ start: number }> {
  const drive = driveOf({ index: 0, of: 1 }, 0)
  for (let i = 0; i < order.load.calibrate && !drive.over; i += 1) {
    await drive.book()
    await drive.ask('calibrate')
  }
  return { start: now() + LEAD_MS }
}

/** The part of the virtual user that calls. */
export function myDrive(): Drive {
  const of = usersOf(order)
  return driveOf({ index: (exec.vu.idInTest - 1) % of, of }, order.load.calibrate)
}

/** assay prints the summary, k6 none. */
export function handleSummary(): Record<string, string> {
  return {}
}

function driveOf(share: Share, first: number): Drive {
  return new Drive(order, engine, { bodies, words, ...(own === undefined ? {} : { own }) }, share, first)
}

function readOrder(): Order {
  const path = __ENV[ORDER_ENV]
  if (path === undefined) throw new Error(`${ORDER_ENV} must name the order file`)
  const read: Order = JSON.parse(open(path))
  const problems = problemsOf(read)
  if (problems.length > 0) throw new Error(`${path}: ${problems.join('; ')}`)
  return read
}

function clientOf({ scenario, target, deadlines, caps, grammar, slo }: Order): Client {
  const secret = Object.entries(target.secret_headers).map(([name, variable]) => [name, secretOf(variable)])
  return new Client({
    url: target.url,
    dialect: target.dialect,
    ...(grammar === undefined ? {} : { grammar: open(grammar) }),
    headers: { 'content-type': 'application/json', ...target.headers, ...Object.fromEntries(secret) },
    secrets: secret.map(([, value]) => value ?? ''),
    deadlines,
    tls: target.tls,
    caps: { requests: caps.requests, tokens: caps.tokens },
    tags: { scenario },
    // Only a threshold needs them; the histograms have them all anyway.
    token_samples: needsGaps({ slo }),
  })
}

function engineOf({ target }: Order): Engine {
  const keys = Object.fromEntries(
    Object.entries(target.keys).map(([role, variable]) => [role, secretOf(variable)]),
  )
  return {
    now,
    note,
    gap,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    ask: (ask) => client.askAsync(ask),
    drop: (dropped) => client.drop(dropped),
    stop: (why) => exec.test.abort(`assay-stop: ${why}`),
    key: (role) => {
      const key = keys[role]
      if (key === undefined) throw new Error(`there is no key for the role ${role}`)
      return key
    },
  }
}

function secretOf(variable: string): string {
  const value = __ENV[variable]
  if (value === undefined) throw new Error(`the environment variable ${variable} is not set`)
  return value
}

function ownPrompts({ requests }: Order): OwnPrompt[] | undefined {
  const path = requests.prompts
  return path === undefined ? undefined : new SharedArray('prompts', () => parsePrompts(open(path), path))
}
