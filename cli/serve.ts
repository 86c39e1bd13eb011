import { KEYS } from '../fixtures/gateway/gateway.ts'
import { serve as startServing } from '../fixtures/gateway/serve.ts'
import { isPath } from './config.ts'
import { EXIT } from './exit.ts'
import { openFaults } from './open-faults.ts'
import { openProfile } from './open-specs.ts'
import { onInterrupt } from './signals.ts'
import { say } from './speak.ts'
import { assertKnown } from './unknown.ts'
import { UsageError } from './usage.ts'
import { defaultKeyName, KEY_ROLES } from './words.ts'

/** `assay serve`: the reference gateway until Ctrl-C, which is its proper end: exit status 0. */
export async function serve(flags: { profile?: string; fault?: string[]; port?: number }): Promise<number> {
  const wanted = flags.fault ?? []
  const faults = wanted.length === 0 ? [] : await openFaults()
  assertKnown(
    'fault',
    wanted,
    faults.map((fault) => fault.id),
  )
  const shown = wanted.flatMap((id) => faults.find((fault) => fault.id === id) ?? [])
  // A fault is made for one profile; that is the one to be served where the user names none.
  const { profile } = openProfile(flags.profile ?? shown[0]?.profile)
  const twist = shown.map((fault) => fault.twist)
  const interruption = onInterrupt(() => undefined)
  try {
    const gateway = await start({ profile, twist, ...(flags.port === undefined ? {} : { port: flags.port }) })
    const [dialect, promise] = Object.entries(profile.dialects)[0] ?? []
    say(`profile ${profile.id}${wanted.length > 0 ? `, with ${wanted.join(', ')}` : ', as documented'}`)
    say(`base URL  ${gateway.url}`)
    say(`key       ${KEYS.default}`)
    if (dialect !== undefined && promise !== undefined) {
      const { header, scheme } = promise.auth
      const key = scheme === undefined ? KEYS.default : `${scheme} ${KEYS.default}`
      const body = JSON.stringify({
        model: profile.default_model,
        messages: [{ role: 'user', content: 'Reply with the single word OK.' }],
        stream: true,
      })
      say(
        `\ncurl -iN ${gateway.url}${promise.path} -H '${header}: ${key}' -H 'content-type: application/json' -d '${body}'`,
      )
      say(`\n${keysText()} assay run --profile ${nameOf(flags.profile, profile.id)} --url ${gateway.url}`)
    }
    say('\nCtrl-C ends it.')
    await aborted(interruption.signal)
    await gateway.close()
    return EXIT.ok
  } finally {
    interruption.release()
  }
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
