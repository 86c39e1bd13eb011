import type { Profile, Specs } from '../specs/types.ts'
import type { Check, Dialect, Rule } from '../suites/core/check.ts'
import { groundOf } from '../suites/core/select.ts'

/** A check or rule, and the dialect that has it. */
export type Subject =
  | { kind: 'check'; dialect: Dialect; subject: Check }
  | { kind: 'rule'; dialect: Dialect; subject: Rule }

/** Every check and rule of the dialects that a profile promises, whether its requirements bind or not. */
export function subjectsOf(dialects: readonly Dialect[], profile: Profile, specs: Specs): Subject[] {
  return dialects.flatMap((dialect): Subject[] => {
    const ground = groundOf(dialect.id, profile, specs)
    if (ground === undefined) return []
    return [
      ...dialect.checks(ground).map((subject) => ({ kind: 'check' as const, dialect, subject })),
      ...dialect.rules(ground).map((subject) => ({ kind: 'rule' as const, dialect, subject })),
    ]
  })
}

/** By requirement, the ids of what answers it: what `specs/coverage.ts` wants. */
export function boundBy(subjects: readonly Subject[]): Map<string, string[]> {
  const bound = new Map<string, string[]>()
  for (const { subject } of subjects) {
    for (const requirement of subject.requirements) {
      const ids = bound.get(requirement)
      if (ids === undefined) bound.set(requirement, [subject.id])
      else if (!ids.includes(subject.id)) ids.push(subject.id)
    }
  }
  return bound
}
