/** Tools that the platform runs: a turn that stops on its way, and goes on when it is sent back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../../fixtures/gateway/gateway.ts'
import { type JsonObject, listOf } from '../../fixtures/gateway/json.ts'
import { searchFor } from '../../fixtures/gateway/messages-api/orders.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import { json } from './ask.ts'
import { assembled, content, message, NEW, OLD, send } from './ask-messages.ts'

const SEARCH: JsonObject = { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 1 }] }
const STEPS = 'Search the web for the capital of France, then name it in one word.'

describe('a search', () => {
  it.each([
    [STEPS, true],
    ['Look up the news on the web and then sum them up.', true],
    ['Do a long research on the web about owls.', true],
    ['Search the web for the capital of France.', false],
    ['Search the web for what happened since then.', false],
    ['Name the capital of France, then search the web.', false],
  ])('%s pauses: %s', (prompt, paused) => {
    expect(searchFor(message(prompt, SEARCH), 'salt')?.paused).toBe(paused)
  })

  it.each<[string, JsonObject]>([
    ['without the tool', message(STEPS)],
    ['that is forbidden', message(STEPS, { ...SEARCH, tool_choice: { type: 'none' } })],
    ['that nobody asks for', message('Then say OK.', SEARCH)],
  ])('%s is none', (_, body) => {
    expect(searchFor(body, 'salt')).toBeUndefined()
  })
})

const specs = loadSpecs()
const able = [
  ['anthropic', NEW],
  ['anthropic-2023-06-01', OLD],
].flatMap(([id, version]) =>
  profileById(specs, id!)
    .models.filter(({ capabilities }) => capabilities.includes('server-tools'))
    .map((model): [string, string, string] => [id!, model.id, version!]),
)

describe.each(able)('%s, %s', (id, model, version) => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway({ profile: profileById(specs, id), tokenGapMs: 0 })
  })
  afterAll(() => gateway.close())

  const asked = message(STEPS, { ...SEARCH, model })
  const headers = { 'anthropic-version': version }

  it('pauses, and goes on from what it is sent back', async () => {
    const paused = await send(gateway, asked, headers)
    expect(json(paused)).toMatchObject({
      stop_reason: 'pause_turn',
      content: [{ type: 'server_tool_use' }, { type: 'web_search_tool_result' }],
    })
    const turns = [...listOf(asked.messages), { role: 'assistant', content: content(paused) }]
    expect(json(await send(gateway, { ...asked, messages: turns }, headers))).toMatchObject({
      stop_reason: 'end_turn',
      content: [{ type: 'text', text: expect.stringMatching(/\w/) }],
    })
  })

  it('pauses in a stream as well', async () => {
    const streamed = assembled((await send(gateway, { ...asked, stream: true }, headers)).text)
    expect(streamed).toMatchObject({
      stop_reason: 'pause_turn',
      content: [{ type: 'server_tool_use' }, { type: 'web_search_tool_result' }],
    })
  })
})
