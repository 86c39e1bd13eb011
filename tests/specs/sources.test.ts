import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSpecs } from '../../specs/load.ts'
import { packageRoot } from '../../specs/package-root.ts'

const specs = loadSpecs()
const client = join(packageRoot(), 'node_modules', 'openai')

test('the official client that rows cite is the one installed, and has every name that they cite', () => {
  const manifest: unknown = JSON.parse(readFileSync(join(client, 'package.json'), 'utf8'))
  expect(manifest).toMatchObject({ version: specs.documents.get('openai')?.version })
  const types = globSync('**/*.d.ts', { cwd: client, exclude: ['node_modules'] }).map((name) =>
    readFileSync(join(client, name), 'utf8'),
  )
  const words = new Set(types.join('\n').match(/[A-Za-z_][A-Za-z0-9_]*/g))
  const cited = [...specs.requirements.values()].flatMap((row) =>
    row.source.filter((source) => source.startsWith('openai@')).map((source) => ({ id: row.id, source })),
  )
  expect(cited.length).toBeGreaterThan(100)
  for (const { id, source } of cited)
    for (const name of source.replace(/^\S+ /, '').split('.'))
      expect(words, `${id}: ${source}`).toContain(name)
})
