import type { Json } from '../../reports/record/types.ts'

interface Body {
  model: string
  max_tokens: number
  messages: { role: 'user'; content: string }[]
}

interface Tool {
  name: string
  description: string
  input_schema: { type: 'object' }
  run(input: unknown): string
  parse(input: unknown): unknown
}

/** What both generations of the client have, as far as these tests go. */
interface Client {
  messages: {
    parse(body: Body): PromiseLike<unknown>
    stream(body: Body): { finalMessage(): Promise<{ content: unknown }> }
  }
  beta: { messages: { toolRunner(body: Body & { tools: Tool[] }): PromiseLike<unknown> } }
}

export type Sdk = new (options: {
  apiKey: string
  maxRetries: number
  logLevel: 'off'
  fetch: () => Promise<Response>
}) => Client

/** A client that is given one answer after the other, the last one for ever, and how many requests it made. */
export function answering(
  sdk: Sdk,
  ...answers: (Json | { stream: string })[]
): { client: Client; requests: () => number } {
  let turn = 0
  const fetch = async () => {
    const answer = answers[Math.min(turn++, answers.length - 1)]
    const stream =
      typeof answer === 'object' && answer !== null && 'stream' in answer ? answer.stream : undefined
    return typeof stream === 'string'
      ? new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
      : new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } })
  }
  return {
    client: new sdk({ apiKey: 'no-key', maxRetries: 0, logLevel: 'off', fetch }),
    requests: () => turn,
  }
}

/** The text of a stream: each event under the name that it has as its type. */
export function streamOf(events: { [key: string]: Json }[]): string {
  return events.map((e) => `event: ${String(e.type ?? 'unknown')}\ndata: ${JSON.stringify(e)}\n\n`).join('')
}

/** What the helper `messages.stream` makes of a stream: the content as JSON, or what it throws. */
export async function helped(sdk: Sdk, stream: string): Promise<string> {
  try {
    const { client } = answering(sdk, { stream })
    const body = { model: 'm', max_tokens: 9, messages: [{ role: 'user' as const, content: 'x' }] }
    return JSON.stringify((await client.messages.stream(body).finalMessage()).content)
  } catch (error) {
    return `throws ${error instanceof Error ? error.message : String(error)}`
  }
}
