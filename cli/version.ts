import { readFileSync } from 'node:fs'

/** Version of this assay, as its package says. */
export function version(): string {
  const file = new URL('../package.json', import.meta.url)
  const { version: text } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return text
}
