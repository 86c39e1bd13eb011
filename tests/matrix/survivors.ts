/** The explicit list of what no fault can kill. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface Survivor {
  id: string
  because: string
}

export function listedSurvivors(): Survivor[] {
  const text = readFileSync(new URL('survivors.yaml', import.meta.url), 'utf8')
  const rows = parse(text) as { ids: string[]; because: string }[]
  return rows.flatMap(({ ids, because }) => ids.map((id) => ({ id, because })))
}
