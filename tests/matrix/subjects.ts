/** Everything that can be killed: the checks and rules that apply to a profile. */
import type { Check, Rule } from '../../suites/core/check.ts'
import type { Selected } from '../../suites/core/select.ts'

export interface Subjects {
  ids: string[]
  /** Ids that judge whatever came, so that a fault of class error can kill them. */
  errors: string[]
}

export function subjectsOf(selected: Selected[]): Subjects {
  const checks = selected.flatMap((part) => [...part.checks.values()])
  const rules = selected.flatMap((part) => part.rules)
  return {
    ids: [...checks, ...rules].map(({ id }: Check | Rule) => id),
    errors: [...checks.filter(({ expects }) => expects === 'any'), ...rules].map(
      ({ id }: Check | Rule) => id,
    ),
  }
}
