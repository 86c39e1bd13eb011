import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SCHEMAS } from '../../schemas/documents.ts'
import { generate, plain } from '../../scripts/generate-types.ts'

describe('generated types', () => {
  it('are what the schemas say', async () => {
    expect(await generate(true)).toEqual([])
  })

  it('are called stale by name when edited, when missing, and when nothing makes them', async () => {
    const root = mkdtempSync(join(tmpdir(), 'assay-types-'))
    try {
      cpSync(join(SCHEMAS, 'types'), join(root, 'schemas/types'), { recursive: true })
      writeFileSync(join(root, 'schemas/types/openai-chat-chunk.ts'), '// edited\n')
      writeFileSync(join(root, 'schemas/types/nobody.ts'), '')
      rmSync(join(root, 'schemas/types/tier.ts'))
      const stale = ['schemas/types/openai-chat-chunk.ts', 'schemas/types/tier.ts', 'schemas/types/nobody.ts']
      expect((await generate(true, root)).sort()).toEqual(stale.sort())
      rmSync(join(root, 'schemas/types/nobody.ts'))
      await generate(false, root)
      expect(await generate(true, root)).toEqual([])
    } finally {
      rmSync(root, { recursive: true })
    }
  })

  it('turn conditions into unions and leave annotations out', () => {
    const given = JSON.parse(
      '{"type":["string","object"],"if":{"type":"string"},"then":{"enum":["a"]},"else":{"type":"object"},"sources":["x:1"]}',
    )
    expect(plain(given)).toEqual({ anyOf: [{ type: 'string', enum: ['a'] }, { type: 'object' }] })
  })
})
