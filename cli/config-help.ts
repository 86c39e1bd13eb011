import { readFileSync } from 'node:fs'

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
    const told = value.description === undefined ? '' : `\n      ${value.description}`
    return `  ${name}${told}`
  })
  return `\nKeys of the config file (YAML; paths in it are relative to the file):\n${lines.join('\n')}`
}
