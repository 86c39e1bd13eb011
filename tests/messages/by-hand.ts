import type { Exchange, JsonObject, VerdictLine } from '../../reports/record/types.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import type { Profile } from '../../specs/types.ts'
import { conversation } from '../../suites/anthropic-messages/conversation.ts'
import { MessagesView } from '../../suites/anthropic-messages/view.ts'
import type { Dialect, Ground } from '../../suites/core/check.ts'
import type { Probe } from '../../suites/core/probe.ts'
import type { Resolved } from '../../suites/core/resolve.ts'
import { groundOf } from '../../suites/core/select.ts'
import { Session } from '../../suites/core/session.ts'

export const ID = 'anthropic-messages'
export const specs = loadSpecs()

/** The profile, its default model able to do everything that a row asks for. */
export function able(id: string): Profile {
  const profile = profileById(specs, id)
  const wanted = [...specs.requirements.values()].flatMap(({ capability }) => capability ?? [])
  const capabilities = [...new Set([...wanted, 'tools', 'vision', 'thinking'])]
  const models = profile.models.map((model) => ({ ...model, capabilities }))
  return { ...profile, models }
}

export function groundFor(id: string): Ground {
  return groundOf(ID, able(id), specs)!
}

export type Answer = (body: JsonObject, probe: Probe) => Exchange

/** The verdict of one check alone, where `answer` answers everything. */
export async function lineOf(id: string, profileId: string, answer: Answer): Promise<VerdictLine> {
  const profile = able(profileId)
  const dialect: Dialect<MessagesView> = {
    id: ID,
    view: (exchange) => new MessagesView(exchange),
    checks: (ground) =>
      conversation(ground)
        .filter((check) => check.id === `${ID}/${id}`)
        .map((check) => ({ ...check, needs: [] })),
    rules: () => [],
    succeeded: (view) => view.succeeded,
    tokens: () => 1,
    plain: { reply: `${ID}/plain/reply`, stream: `${ID}/plain/stream` },
  }
  const source = {
    async ask({ probe, digest }: Resolved): Promise<Exchange> {
      const given = answer(probe.body ?? {}, probe)
      return { ...given, digest, request: { ...given.request, body: JSON.stringify(probe.body ?? null) } }
    },
  }
  const options = {
    dialects: [ID],
    model: profile.default_model,
    level: 'may' as const,
    checks: [],
    suites: [],
    roles: { chosen: [], given: ['default'] },
  }
  const session = new Session({ specs, profile, dialects: [dialect as Dialect], options, source })
  return session.verdict(`${ID}/${id}`)
}
