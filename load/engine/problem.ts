/** The engine cannot be had, and the user can mend it. The message says how. */
export class EngineProblem extends Error {
  override name = 'EngineProblem'
}
