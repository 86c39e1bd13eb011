import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSpecs } from '../../specs/load.ts'
import { packageRoot } from '../../specs/package-root.ts'

const specs = loadSpecs()

/** Installed package, the document and version that it is, and how often rows cite it at least. */
const ARTEFACTS = [
  ['openai', 'openai', specs.documents.get('openai')?.version, 100],
  ['@anthropic-ai/sdk', '@anthropic-ai/sdk', specs.documents.get('@anthropic-ai/sdk')?.version, 100],
  ['anthropic-sdk-0', '@anthropic-ai/sdk', specs.documents.get('@anthropic-ai/sdk')?.also?.[0], 5],
] as const

test.each(ARTEFACTS)(
  'the official client %s is the one that rows cite, and has every name that they cite',
  (folder, document, version, least) => {
    const client = join(packageRoot(), 'node_modules', folder)
    const manifest: unknown = JSON.parse(readFileSync(join(client, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ version })
    const types = globSync('**/*.d.ts', { cwd: client, exclude: ['node_modules'] }).map((name) =>
      readFileSync(join(client, name), 'utf8'),
    )
    const words = new Set(types.join('\n').match(/[A-Za-z_][A-Za-z0-9_]*/g))
    const cited = [...specs.requirements.values()].flatMap((row) =>
      row.source
        .filter((source) => source.startsWith(`${document}@${version} `))
        .map((source) => ({ id: row.id, source })),
    )
    expect(cited.length).toBeGreaterThanOrEqual(least)
    for (const { id, source } of cited)
      for (const name of source.replace(/^\S+ /, '').split('.'))
        expect(words, `${id}: ${source}`).toContain(name)
  },
)
