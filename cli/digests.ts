import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RunLine } from '../reports/record/types.ts'
import type { Profile } from '../specs/types.ts'
import { digest } from '../suites/core/digest.ts'
import type { Selected } from '../suites/core/select.ts'

/** What a run was judged by. Checks: everything about them that is data; their code is told by assay's version. */
export function digestsOf(profile: Profile, selected: Selected[]): RunLine['digests'] {
  const checks = selected.map(({ dialect, checks: asked, rules }) => ({
    dialect: dialect.id,
    checks: [...asked.values()].map(({ id, title, requirements, fix, ask, ...rest }) => ({
      id,
      title,
      requirements,
      fix,
      also: rest.also,
      needs: rest.needs,
      expects: rest.expects,
      elicit: rest.elicit && { ask: rest.elicit.ask, tries: rest.elicit.tries },
      field: rest.field,
      ask: Object.entries(ask).map(([name, steps]) => [
        name,
        steps.map((step) => (typeof step === 'function' ? 'depends' : step)),
      ]),
    })),
    rules: rules.map(({ id, title, requirements, fix }) => ({ id, title, requirements, fix })),
  }))
  return { profile: digest(profile), schemas: schemasDigest(), checks: digest(checks) }
}

/** Over all JSON files below schemas/, by their paths and bytes. */
function schemasDigest(): string {
  const root = fileURLToPath(new URL('../schemas/', import.meta.url))
  const hash = createHash('sha256')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
    hash.update(`${file.replaceAll('\\', '/')}\0`).update(readFileSync(root + file))
  }
  return hash.digest('hex').slice(0, 16)
}
