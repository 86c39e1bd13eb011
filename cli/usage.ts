/** The command line, a file or the environment was not what it should be: one sentence for the person, exit status 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}
