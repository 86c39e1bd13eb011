import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Declarations, lookup, readDts } from '../../scripts/dts.ts'

const ROOT = join(import.meta.dirname, '../..')
const MESSAGES = ['resources/shared.d.ts', 'resources/messages/messages.d.ts']
const CHAT = [
  'resources/shared.d.ts',
  'resources/completions.d.ts',
  'resources/chat/completions/completions.d.ts',
]

/** The pinned packages by the name that a source gives them: where they are installed, and their declarations. */
const PACKAGES: Record<string, { folder: string; files: string[] }> = {
  'openai@7.57.0': { folder: 'openai', files: CHAT },
  '@anthropic-ai/sdk@1.12.0': { folder: '@anthropic-ai/sdk', files: MESSAGES },
  '@anthropic-ai/sdk@0.137.0': { folder: 'anthropic-sdk-0', files: MESSAGES },
}

/** Interfaces of a file that as a whole has forms which the reader does not know. */
const BETA = /^export interface BetaRequestMCPServer\w+ \{[\s\S]*?^\}/gm

const read = (folder: string, file: string) => readFileSync(join(ROOT, 'node_modules', folder, file), 'utf8')

const declared = new Map<string, Declarations>()

function declarations(name: string): Declarations | undefined {
  const known = declared.get(name)
  const found = PACKAGES[name]
  if (known !== undefined || found === undefined) return known
  const { version } = JSON.parse(read(found.folder, 'package.json'))
  if (!name.endsWith(`@${version}`)) return undefined
  const all: Declarations = new Map()
  for (const file of found.files) readDts(read(found.folder, file), all)
  if (found.files === MESSAGES) {
    const beta = read(found.folder, 'resources/beta/messages/messages.d.ts')
    readDts([...beta.matchAll(BETA)].join('\n'), all)
  }
  declared.set(name, all)
  return all
}

const documents: { id: string; lines?: number }[] = parse(
  readFileSync(join(ROOT, 'specs/documents.yaml'), 'utf8'),
).documents

/**
 * Sources that do not exist: a type or key that the pinned package has not, a line that the document has not, a
 * document that nobody cites.
 */
export function badSources(sources: string[]): string[] {
  return [...new Set(sources)].filter((source) => {
    const [, name = '', path = ''] = /^(\S+@[0-9.]+) ([\w.]+)$/.exec(source) ?? []
    if (name !== '') return !declares(declarations(name), path)
    if (/^openai-openapi@f85dbe2 \w+/.test(source)) return false
    const [, page] = /^(\S+) \w/.exec(source) ?? []
    if (page !== undefined) return !documents.some((d) => d.id === page)
    const [id = '', line] = source.split(':')
    return !(Number(line) >= 1 && Number(line) <= (documents.find((d) => d.id === id)?.lines ?? 0))
  })
}

function declares(all: Declarations | undefined, path: string): boolean {
  if (all === undefined) return false
  if (lookup(all, path, '') !== undefined) return true
  const dot = path.lastIndexOf('.')
  const holder = lookup(all, path.slice(0, dot), '')?.type
  return holder?.kind === 'object' && holder.keys.has(path.slice(dot + 1))
}
