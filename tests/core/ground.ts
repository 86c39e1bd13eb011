import type { Exchange, VerdictLine } from '../../reports/record/types.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import { type Check, type Dialect, finding, type Rule } from '../../suites/core/check.ts'
import type { Probe } from '../../suites/core/probe.ts'
import type { Resolved } from '../../suites/core/resolve.ts'
import type { SessionOptions } from '../../suites/core/select.ts'
import { Session } from '../../suites/core/session.ts'
import type { Missing, Source } from '../../suites/core/source.ts'
import { chat } from '../../suites/openai-chat/ask.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import type { ChatView } from '../../suites/openai-chat/view.ts'
import { reply } from './exchange.ts'

export const specs = loadSpecs()
export const profile = profileById(specs, 'openai')
export const MUST = 'OAI-CHAT-endpoint'
export const MAY = 'OAI-CHAT-res-usage'

export const options = (over: Partial<SessionOptions> = {}): SessionOptions => ({
  dialects: ['openai-chat'],
  model: 'm-1',
  level: 'may',
  checks: [],
  suites: [],
  roles: { chosen: [], given: ['default'] },
  ...over,
})

export const check = (id: string, over: Partial<Check<ChatView>> = {}): Check<ChatView> => ({
  id: `openai-chat/${id}`,
  title: id,
  requirements: [MUST],
  fix: '',
  needs: [],
  ask: { reply: [chat({}, { prompt: id })] },
  *judge() {},
  ...over,
})

export const dialect = (checks: Check<ChatView>[], rules: Rule<ChatView>[] = []): Dialect =>
  ({ ...openaiChat, checks: () => checks, rules: () => rules }) as Dialect

export type Answer = (probe: Probe, resolved: Resolved) => Exchange | Missing | Promise<Exchange | Missing>

/** Answers by hand; `asked` holds the prompts in order. */
export class ByHand implements Source {
  readonly asked: string[] = []
  readonly #answer: Answer
  constructor(answer: Answer = () => reply()) {
    this.#answer = answer
  }
  async ask(resolved: Resolved): Promise<Exchange | Missing> {
    this.asked.push(`${prompt(resolved.probe)}${resolved.probe.fresh ? ` (${resolved.probe.fresh})` : ''}`)
    const answer = await this.#answer(resolved.probe, resolved)
    return 'missing' in answer ? answer : { ...answer, digest: resolved.digest }
  }
}

export const prompt = (probe: Probe): string =>
  String((probe.body?.messages as { content: string }[] | undefined)?.[0]?.content)

export async function run(checks: Check<ChatView>[], answer?: Answer, rules: Rule<ChatView>[] = []) {
  const source = new ByHand(answer)
  const session = new Session({
    specs,
    profile,
    dialects: [dialect(checks, rules)],
    options: options(),
    source,
  })
  const lines = await session.run()
  const by = new Map(lines.map((line) => [line.id.replace('openai-chat/', ''), line]))
  return { lines, source, line: (id: string): VerdictLine => by.get(id)! }
}

export const fails: Partial<Check<ChatView>> = {
  *judge({ reply: view }) {
    yield finding(view!, 'a', 'b')
  },
}
