import { closeSync, openSync } from 'node:fs'
import { KEYS } from '../fixtures/gateway/gateway.ts'
import { serve as startServing, type TrafficOptions } from '../fixtures/gateway/serve.ts'
import { dialectText } from '../reports/dialects.ts'
import { keyFormText } from '../specs/key-forms.ts'
import type { DialectPromise, Profile } from '../specs/types.ts'
import { type Bases, basesOf } from './bases.ts'
import { isPath } from './config.ts'
import { EXIT } from './exit.ts'
import { openFaults, openLoadFaults } from './open-faults.ts'
import { openProfile } from './open-specs.ts'
import { parseLimiter } from './serve/limiter.ts'
import { parsePace } from './serve/pace.ts'
import { onInterrupt } from './signals.ts'
import { say } from './speak.ts'
import { assertKnown } from './unknown.ts'
import { UsageError } from './usage.ts'
import { defaultKeyName, KEY_ROLES } from './words.ts'

interface ServeFlags {
  profile?: string
  fault?: string[]
  port?: number
  pace?: string
  limiter?: string[]
  journal?: string
}

/** `assay serve`: the reference gateway until Ctrl-C, which is its proper end: exit status 0. */
export async function serve(flags: ServeFlags): Promise<number> {
  const traffic = trafficOf(flags)
  const wanted = flags.fault ?? []
  const faults = wanted.length === 0 ? [] : [...(await openFaults()), ...(await openLoadFaults())]
  assertKnown(
    'fault',
    wanted,
    faults.map((fault) => fault.id),
  )
  const shown = wanted.flatMap((id) => faults.find((fault) => fault.id === id) ?? [])
  // A fault is made for one profile; that is the one to be served where the user names none.
  const made = shown.find((fault) => 'profile' in fault)
  const { profile } = openProfile(flags.profile ?? made?.profile)
  const twist = shown.map((fault) => fault.twist)
  const paced = shown.flatMap((fault) => ('pace' in fault && fault.pace ? [fault.pace] : []))[0]
  const interruption = onInterrupt(() => undefined)
  try {
    const gateway = await start({
      profile,
      twist,
      ...(paced === undefined ? {} : { pace: paced }),
      ...(flags.port === undefined ? {} : { port: flags.port }),
      ...traffic,
    })
    const bases = gateway.urls
    say(`profile ${profile.id}${wanted.length > 0 ? `, with ${wanted.join(', ')}` : ', as documented'}`)
    for (const line of addressLines(bases, profile)) say(line)
    say(`key       ${KEYS.default}`)
    for (const [id, promise] of Object.entries(profile.dialects)) {
      say(`\n${curlText(`${bases[id]}${promise.path}`, promise, profile.default_model)}`)
    }
    say(
      `\n${keysText()} assay run --profile ${nameOf(flags.profile, profile.id)} --url ${oneUrl(bases, profile)}`,
    )
    say('\nCtrl-C ends it.')
    await aborted(interruption.signal)
    await gateway.close()
    return EXIT.ok
  } finally {
    interruption.release()
  }
}

/** What the options say about load. */
function trafficOf({ pace, limiter, journal }: ServeFlags): TrafficOptions {
  return {
    ...(pace !== undefined && { pace: parsePace(pace) }),
    ...(limiter !== undefined && { limiter: parseLimiter(limiter) }),
    ...(journal !== undefined && { sends: { file: writable(journal) } }),
  }
}

/** The file, emptied. Throws UsageError where it cannot be written: before anything is served, not in the middle. */
function writable(file: string): string {
  try {
    closeSync(openSync(file, 'w'))
    return file
  } catch (error) {
    throw new UsageError(`--journal: ${unwritable(file, error as NodeJS.ErrnoException)}`)
  }
}

function unwritable(file: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `the folder of ${file} does not exist`
  if (code === 'EISDIR') return `${file} is a folder`
  if (code === 'EACCES' || code === 'EROFS') return `this user may not write ${file}`
  return `${file} cannot be written: ${message}`
}

/** One address, or one for each dialect. */
function addressLines(bases: Bases, profile: Profile): string[] {
  const all = Object.entries(bases)
  return all.map(([id, base], i) => {
    const what = all.length > 1 ? `  ${dialectText(id, profile.dialects[id]?.version)}` : ''
    const room = Math.max(...all.map(([, other]) => other.length))
    return `${i === 0 ? 'base URL' : ''.padEnd(8)}  ${base.padEnd(what === '' ? 0 : room)}${what}`
  })
}

/** A request that the gateway answers with a stream. */
function curlText(url: string, promise: DialectPromise, model: string): string {
  const headers = [
    keyFormText(promise.auth, KEYS.default),
    'content-type: application/json',
    ...Object.entries(promise.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ]
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'Reply with the single word OK.' }],
    [promise.limit_field]: 64,
    stream: true,
  })
  return `curl -iN ${url} ${headers.map((header) => `-H '${header}'`).join(' ')} -d '${body}'`
}

/** The address from which a run finds all the others. */
function oneUrl(bases: Bases, profile: Profile): string {
  const ids = Object.keys(bases)
  const fits = (url: string) => {
    try {
      const found = basesOf({ url }, ids, profile)
      return ids.every((id) => found?.[id] === bases[id])
    } catch {
      return false
    }
  }
  return Object.values(bases).find(fits) ?? Object.values(bases)[0] ?? ''
}

async function start(options: Parameters<typeof startServing>[0]): ReturnType<typeof startServing> {
  try {
    return await startServing(options)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    if (error.code === 'EADDRINUSE') throw new UsageError(`--port ${options.port}: the port is in use`)
    if (error.code === 'EACCES')
      throw new UsageError(`--port ${options.port}: this user may not listen there`)
    throw error
  }
}

/** Every role's key in the variable where `assay run` looks for it: a role without a key leaves a run unproven. */
function keysText(): string {
  return KEY_ROLES.flatMap((role) => {
    const key = KEYS[role]
    return key === undefined ? [] : `${defaultKeyName(role)}=${key}`
  }).join(' ')
}

/** The profile as it was named: a file stays a file. */
function nameOf(given: string | undefined, id: string): string {
  return given !== undefined && isPath(given) ? `'${given}'` : id
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
