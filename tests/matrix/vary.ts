/** Shows variations on a stand, in company where that tells as much, and names those that change a verdict. */
import type { Variation } from '../../fixtures/variations/variations.ts'
import type { Check } from '../../suites/core/check.ts'
import type { Verdicts } from './assess.ts'
import type { VariationSaid } from './jobs.ts'
import type { Site } from './sites.ts'
import type { Outcome, Stand } from './stand.ts'

export interface Varying {
  stand: Stand
  site: Site
  before: Verdicts
  /** Checks that are judged. */
  of(check: Check): boolean
  verdicts(outcome: Outcome): Verdicts
}

type Shown = Pick<Variation, 'id' | 'twist'>

/** What each of a company changed, in its order, and how many requests that took. */
export async function vary(
  company: readonly Shown[],
  varying: Varying,
): Promise<{ variations: VariationSaid[]; sent: number }> {
  const { stand, site } = varying
  const twists = company.map(({ twist }) => twist)
  const shown = company.length > 1 ? await stand.shown(twists) : [false]
  const together = company.filter((_, at) => shown[at])
  const first = together.length > 1 ? await show(together, varying) : undefined
  let sent = first?.sent ?? 0
  const variations: VariationSaid[] = []
  for (const one of company) {
    if (first?.changed.length === 0 && together.includes(one)) {
      variations.push({ id: one.id, site, changed: [], touched: true, inCompany: true })
      continue
    }
    const alone = await show([one], varying)
    sent += alone.sent
    const { changed, touched } = alone
    variations.push({ id: one.id, site, changed, touched, inCompany: false })
  }
  return { variations, sent }
}

async function show(
  some: readonly Shown[],
  { stand, before, of, verdicts }: Varying,
): Promise<{ changed: string[]; touched: boolean; sent: number }> {
  const outcome = await stand.twisted(
    some.map(({ twist }) => twist),
    { of },
  )
  const after = verdicts(outcome)
  const changed = Object.keys(after)
    .filter((id) => after[id]!.verdict !== before[id]?.verdict)
    .filter((id) => !unheard(before[id]?.verdict, after[id]!.verdict))
    .map((id) => `${id}: ${before[id]?.verdict} became ${after[id]!.verdict}: ${after[id]!.message}`)
  return { changed, touched: outcome.touched > 0, sent: outcome.sent }
}

/** A rule that had nothing to speak of before, and is content now. */
function unheard(before: string | undefined, after: string): boolean {
  return (before === 'skip' && after === 'pass') || (before === 'pass' && after === 'skip')
}
