import { CommanderError } from 'commander'
import { EXIT } from './exit.ts'
import { program } from './program.ts'
import { complain, toleratePipes } from './speak.ts'
import { UsageError } from './usage.ts'

/** Runs one command line. Returns the exit status; throws only where assay itself is at fault. */
export async function main(argv: string[]): Promise<number> {
  toleratePipes()
  let status: number = EXIT.ok
  const commands = program((code) => {
    status = code
  })
  try {
    if (argv.length === 0) {
      commands.outputHelp({ error: true })
      return EXIT.usage
    }
    await commands.parseAsync(argv, { from: 'user' })
    return status
  } catch (error) {
    // Commander has said what was wrong; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (isWrongUse(error)) {
      complain(error.message)
      return EXIT.usage
    }
    throw error
  }
}

/** Errors of other parts that are the user's to mend are known by name, so that no part is loaded only to ask. */
const WRONG_USE = new Set([
  'UsageError',
  'SpecError',
  'UnknownName',
  'RecordUnreadable',
  'RecordRefused',
  'SamplesUnreadable',
  'EngineProblem',
])

function isWrongUse(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof Error && WRONG_USE.has(error.name))
}
