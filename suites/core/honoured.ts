import type { Ground } from './check.ts'

/** Whether the profile says that the model heeds these request fields: only then can a check ask with them. */
export function honours({ promise, capabilities }: Ground, ...paths: string[]): boolean {
  return paths.every((path) => {
    const told = promise.fields[path]
    return (
      told?.fate === 'honoured' && (told.capability === undefined || capabilities.includes(told.capability))
    )
  })
}
