import { SpecError, type SpecProblem } from '../../specs/problem.ts'

/** What a load finds wrong; empty where it finds nothing. */
export function problemsOf(load: () => unknown): SpecProblem[] {
  try {
    load()
  } catch (error) {
    if (error instanceof SpecError) return error.problems
    throw error
  }
  return []
}
