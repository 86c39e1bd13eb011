/** What a fault did to the verdicts, held against what was said of it beforehand. Pure. */
import type { FaultFacts } from '../../fixtures/faults/faults.ts'
import type { VerdictLine, VerdictWord } from '../../reports/record/types.ts'

/** A verdict line without what the matrix does not need, so that it travels between threads. */
export interface Said {
  verdict: VerdictWord
  message: string
  /** Whether a judge of this id itself found something. */
  found: boolean
  /** Whether all exchanges that a check was judged by were successes, or one that a rule found something in. */
  succeeded: boolean
}

export type Verdicts = Record<string, Said>

export interface Assessment {
  id: string
  /** Ids whose verdict got worse. */
  red: string[]
  /** Ids that count as killed by this fault. */
  killed: string[]
  /** What is not as it was said. Empty: the fault holds. */
  problems: string[]
}

/** More red ids than these for one cause, and none of them counts as killed by a success. */
export const SMALL = 8

const RANK: Record<VerdictWord, number> = { skip: 0, pass: 0, warn: 1, inconclusive: 1, fail: 2, error: 3 }

export function worse(before: VerdictWord | undefined, after: VerdictWord): boolean {
  return after !== 'skip' && RANK[after] > RANK[before ?? 'skip']
}

/**
 * `errorChecks`: checks that judge whatever came, and rules that speak of refusals. `sends`: the checks that send a field
 * of the request.
 */
export function assess(
  fault: FaultFacts,
  before: Verdicts,
  after: Verdicts,
  errorChecks: ReadonlySet<string>,
  sends: (path: string) => readonly string[] = () => [],
): Assessment {
  const problems: string[] = []
  const expected = new Set([...fault.must, ...fault.may])
  for (const id of expected)
    if (before[id] === undefined) problems.push(`unknown id ${id} on ${fault.profile}`)
  if (fault.sends !== undefined) for (const id of sends(fault.sends)) expected.add(id)
  const red = Object.keys(after).filter((id) => worse(before[id]?.verdict, after[id]!.verdict))
  for (const id of red) {
    const { verdict, message } = after[id]!
    if (verdict === 'error') problems.push(`${id}: ${message}`)
    else if (!expected.has(id)) problems.push(`unlisted red: ${verdict} ${id}: ${message}`)
    if (fault.hazard && verdict === 'fail') problems.push(`a hazard must not fail ${id}: ${message}`)
  }
  for (const id of fault.must) {
    if (before[id] !== undefined && !red.includes(id))
      problems.push(`missing must: ${id} is ${after[id]?.verdict}`)
  }
  const rule = after[fault.rule]
  if (rule !== undefined && red.includes(fault.rule) && !rule.found)
    problems.push(`no finding carries ${fault.rule}: ${rule.message}`)
  const small = red.length <= SMALL
  const killed = red.filter((id) => {
    const said = after[id]!
    if (!fault.must.includes(id) || !said.found) return false
    return fault.class === 'success' ? small && said.succeeded : errorChecks.has(id)
  })
  // An error can also end a check whose question needs a success: that tells of the fault, and proves no judge.
  if (problems.length === 0 && killed.length === 0 && fault.class === 'success')
    problems.push('it kills nothing')
  return { id: fault.id, red, killed, problems }
}

/** Verdicts of a session by id. `success` tells of an exchange, by digest, whether it is a success of its kind. */
export function verdictsOf(lines: VerdictLine[], success: (digest: string) => boolean): Verdicts {
  return Object.fromEntries(
    lines.map((line) => {
      const weighty = line.findings.filter(({ by }) => by !== 'observe')
      const seen = line.kind === 'rule' ? weighty.map(({ at }) => at.exchange) : line.exchanges
      // What never showed however often it was asked for is told by the count, not by a finding.
      const unshown = line.verdict === 'inconclusive' && line.elicited?.shown === 0
      const said: Said = {
        verdict: line.verdict,
        message: line.message,
        found: weighty.length > 0 || unshown,
        succeeded: line.kind === 'rule' ? seen.some(success) : seen.every(success),
      }
      return [line.id, said]
    }),
  )
}
