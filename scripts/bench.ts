/** `npm run bench [-- NAME…]`: runs each file of bench/ (or those named) in a process of its own, in turn. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BENCH = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bench')

const known = readdirSync(BENCH)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length))
  .sort()
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !known.includes(name))

if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are: ${known.join(', ')}`)
  process.exitCode = 2
} else {
  for (const name of asked.length > 0 ? asked : known) {
    console.log(`\n── ${name}`)
    const { status } = spawnSync(process.execPath, [join(BENCH, `${name}.ts`)], { stdio: 'inherit' })
    if (status !== 0) process.exitCode = 1
  }
}
