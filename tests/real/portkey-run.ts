import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { loadSpecs } from '../../specs/load.ts'
import type { Portkey } from './portkey.ts'

const DOOR = fileURLToPath(new URL('../../bin/assay.js', import.meta.url))

export interface PortkeyRun {
  status: number | null
  stdout: string
  stderr: string
}

/**
 * `assay run` as a process of its own, against Portkey in front of a fresh reference gateway that impersonates
 * profile `openai`. `provider` decides how Portkey rewrites requests and replies. The record is in `scratch`/run; `scratch`
 * must exist.
 */
export async function runThroughPortkey(
  portkey: Portkey,
  scratch: string,
  provider = 'openai',
): Promise<PortkeyRun> {
  const profile = loadSpecs().profiles.get('openai')
  if (profile === undefined) throw new Error('no profile openai')
  // A fresh upstream: nobody has used up its limits, so that every run meets the same gateway.
  const upstream = await startGateway({ profile, seed: 1 })
  const config = path.join(scratch, 'config.json')
  const roles = Object.keys(KEYS) as (keyof typeof KEYS)[]
  const variable = (role: string) => `FAKE_KEY_${role.toUpperCase()}`
  writeFileSync(
    config,
    JSON.stringify({
      profile: profile.id,
      url: portkey.base,
      keys: Object.fromEntries(roles.map((role) => [role, variable(role)])),
      headers: { 'x-portkey-provider': provider, 'x-portkey-custom-host': upstream.url },
    }),
  )
  try {
    return await command(
      ['run', '--config', config, '--out', path.join(scratch, 'run')],
      Object.fromEntries(roles.map((role) => [variable(role), KEYS[role]])),
    )
  } finally {
    await upstream.close()
  }
}

function command(args: string[], env: Record<string, string>): Promise<PortkeyRun> {
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
