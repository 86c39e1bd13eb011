import { readFileSync } from 'node:fs'
import { defaultDeadlines } from './awaited.ts'

/** What holds where the file says nothing; the numbers live where they are used. */
const DEFAULTS: Record<string, () => string> = {
  deadlines: () => `; default: ${defaultDeadlines()}`,
}

interface Described {
  description?: string
  properties?: Record<string, Described>
  enum?: string[]
}

/** The keys of the config file, one a line, as its schema describes them. */
export function configHelp(): string {
  const file = new URL('config.schema.json', import.meta.url)
  const schema = JSON.parse(readFileSync(file, 'utf8')) as Described
  const lines = Object.entries(schema.properties ?? {}).map(([key, value]) => {
    const inner = Object.keys(value.properties ?? {})
    const name = inner.length === 0 ? key : `${key}: { ${inner.join(', ')} }`
    const more = DEFAULTS[key]?.() ?? ''
    const told = value.description === undefined ? '' : `\n      ${value.description}${more}`
    return `  ${name}${told}`
  })
  return `\nKeys of the config file (YAML; paths in it are relative to the file):\n${lines.join('\n')}`
}
