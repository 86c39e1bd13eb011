import type { Profile } from '../../specs/types.ts'
import { anthropicMessages } from '../../suites/anthropic-messages/dialect.ts'
import { messagesFields } from '../../suites/anthropic-messages/fields/kit.ts'
import { plain } from '../../suites/anthropic-messages/plain.ts'
import { choices } from '../../suites/anthropic-messages/tools/choice.ts'
import { parallel } from '../../suites/anthropic-messages/tools/parallel.ts'
import type { MessagesView } from '../../suites/anthropic-messages/view.ts'
import type { Dialect, Ground } from '../../suites/core/check.ts'
import { groundOf } from '../../suites/core/select.ts'
import { casesFor } from '../../suites/fields/cases.ts'
import { fieldChecks } from '../../suites/fields/fields.ts'
import { Stand, specs } from '../fields/stand.ts'

export const ID = 'anthropic-messages'
export const field = (path: string, question: string) => `${ID}/field/${path}/${question}`

/** A profile's ground in Messages, its kit and its cases. */
export function fieldsOf(id: string) {
  const ground = groundOf(ID, specs.profiles.get(id)!, specs)!
  const kit = messagesFields(ground)
  return { ground, kit, cases: casesFor(ground, kit) }
}

/** The field checks alone, with what they rest on. */
export function openFields(profile: Profile | string): Promise<Stand> {
  const dialect: Dialect<MessagesView> = {
    ...anthropicMessages,
    checks: (ground: Ground) => [
      ...plain,
      ...choices,
      ...parallel,
      ...fieldChecks(ground, messagesFields(ground)),
    ],
    rules: () => [],
  }
  return Stand.of(profile, dialect as Dialect)
}

/** Names and verdicts of what is not a pass. */
export async function oddOnes(stand: Stand, ...given: Parameters<Stand['run']>) {
  const { lines } = await stand.run(...given)
  const odd = [...lines.values()].filter(({ verdict }) => verdict !== 'pass')
  return Object.fromEntries(odd.map(({ id, verdict }) => [id, verdict]))
}
