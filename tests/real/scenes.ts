import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Gateway, KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { loadSpecs } from '../../specs/load.ts'
import type { Foreign } from './foreign.ts'
import { startLlms } from './llms.ts'
import { startPortkey } from './portkey.ts'

const DOOR = fileURLToPath(new URL('../../bin/assay.js', import.meta.url))
const LLMS_PROFILE = fileURLToPath(new URL('./llms-profile.yaml', import.meta.url))

const ROLES = Object.keys(KEYS) as (keyof typeof KEYS)[]
const variable = (role: string): string => `FAKE_KEY_${role.toUpperCase()}`
const ALL_KEYS = Object.fromEntries(ROLES.map((role) => [role, variable(role)]))
const ONE_KEY = Object.fromEntries(ROLES.map((role) => [role, role === 'default' ? variable(role) : 'none']))

export interface Ran {
  status: number | null
  stdout: string
  stderr: string
}

/** A gateway of others in front of the reference gateway, and what assay is told about it. */
interface Scene {
  /** Profile that the reference gateway behind it impersonates. */
  upstream: string
  start(upstream: Gateway): Promise<Foreign>
  config(foreign: Foreign, upstream: Gateway): Record<string, unknown>
}

/** `provider` decides how Portkey rewrites requests and replies. */
function portkey(provider: string, profile: string, dialect: string, prefix: string): Scene {
  return {
    upstream: profile,
    start: startPortkey,
    config: (foreign, upstream) => ({
      profile,
      url: `${foreign.origin}${dialect === 'openai-chat' ? '/v1' : ''}`,
      headers: {
        'x-portkey-provider': provider,
        'x-portkey-custom-host': `${upstream.urls[dialect]}${prefix}`,
      },
    }),
  }
}

/** By the name of the recording. */
const SCENES = {
  'portkey-openai': portkey('openai', 'openai', 'openai-chat', ''),
  'portkey-groq': portkey('groq', 'openai', 'openai-chat', ''),
  'portkey-anthropic': portkey('anthropic', 'anthropic-2023-06-01', 'anthropic-messages', '/v1'),
  llms: {
    upstream: 'openai',
    start: (upstream) => startLlms(upstream.urls['openai-chat']!),
    // It looks at nobody's key, so no key of it has a state.
    config: (foreign) => ({ profile: LLMS_PROFILE, url: foreign.origin, keys: ONE_KEY }),
  },
} satisfies Record<string, Scene>

export type SceneName = keyof typeof SCENES
export const SCENE_NAMES = Object.keys(SCENES) as SceneName[]

/** What came of one run through a gateway of others; the record is in `scratch`/run, which must exist. */
export interface Played extends Ran {
  /** Hosts beyond loopback that the gateway tried to reach. */
  refused: string[]
}

/** `assay run` as a process of its own. Both gateways are fresh: nobody has used up a limit, so every run meets the same. */
export async function play(name: SceneName, scratch: string): Promise<Played> {
  const scene: Scene = SCENES[name]
  const profile = loadSpecs().profiles.get(scene.upstream)
  if (profile === undefined) throw new Error(`no profile ${scene.upstream}`)
  const upstream = await startGateway({ profile, seed: 1 })
  try {
    const foreign = await scene.start(upstream)
    try {
      const ran = await run(scratch, scene.config(foreign, upstream))
      return { ...ran, refused: foreign.refused }
    } finally {
      await foreign.stop()
    }
  } finally {
    await upstream.close()
  }
}

function run(scratch: string, config: Record<string, unknown>): Promise<Ran> {
  const file = path.join(scratch, 'config.json')
  writeFileSync(file, JSON.stringify({ keys: ALL_KEYS, ...config }))
  return command(
    ['run', '--config', file, '--out', path.join(scratch, 'run')],
    Object.fromEntries(ROLES.map((role) => [variable(role), KEYS[role]])),
  )
}

function command(args: string[], env: Record<string, string>): Promise<Ran> {
  const child = spawn(process.execPath, [DOOR, ...args], {
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      out[name] += text
    })
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, ...out }))
  })
}
