import { LIMIT_VERDICTS } from '../../load/limits/verdicts.ts'
import { LOAD_VERDICTS, type LoadVerdict, SLO_VERDICT } from '../../load/samples/verdicts.ts'
import { TRUTH_VERDICTS } from '../../load/truth/list.ts'
import { labelled, page } from '../explain-page.ts'

/** Every question of load runs; the objectives are one row, by the pattern of their ids. */
export function loadVerdicts(): LoadVerdict[] {
  return [...LOAD_VERDICTS, SLO_VERDICT, ...TRUTH_VERDICTS, ...LIMIT_VERDICTS]
}

/** The question of an id, where a load run asks it. */
export function loadVerdictOf(id: string): LoadVerdict | undefined {
  const objective = id.startsWith('load/slo/') && id !== 'load/slo/'
  return loadVerdicts().find((one) => one.id === id) ?? (objective ? { ...SLO_VERDICT, id } : undefined)
}

/** The page of `assay explain` about it. */
export function explainLoad(id: string): string | undefined {
  const found = loadVerdictOf(id)
  if (found === undefined) return undefined
  const { kind, title, level, asks, by, fix } = found
  return page(`${found.id} (${kind} of load runs)`, title, [
    ...labelled('level', level),
    ...labelled('by whose word', by),
    ...labelled('is asked', asks),
    ...labelled('how to mend it', fix),
    ...labelled('to see it', `assay load ${scenarioFor(found.id)}`),
  ])
}

/** A scenario in which the question comes up. */
function scenarioFor(id: string): string {
  const [family, part = ''] = id.split('/')
  if (family === 'limits') return part
  return ['cancel', 'isolation', 'soak', 'burst', 'sweep', 'selftest'].includes(part) ? part : 'latency'
}
