import type { Json, JsonObject } from '../../../reports/record/types.ts'
import type { Ground } from '../../core/check.ts'
import type { Sample } from '../../fields/sample.ts'
import { WEATHER_TOOL } from '../ask.ts'
import { CONTENT_SAMPLES, THINKING_SAMPLES } from './content-samples.ts'

const SCHEMA = WEATHER_TOOL.input_schema as JsonObject
const NAMED = { type: 'tool', name: 'get_weather' }
const tool = (value: Json, more: JsonObject): Sample => ({
  value,
  body: { tools: [{ ...WEATHER_TOOL, ...more }] },
  needs: [],
})
const chosen = (value: Json, choice: Json): Sample => ({
  value,
  body: { tool_choice: choice },
  needs: ['tools'],
})

/** Inside tool_choice: where a value of that is refused, its own question tells it. */
const inChoice = (value: Json, choice: Json): Sample => ({
  ...chosen(value, choice),
  needs: ['tools', 'tool_choice'],
})

const SEARCH = { type: 'web_search_20250305', name: 'web_search' }
const search = (value: Json, more: JsonObject = {}): Sample => ({
  value,
  body: { tools: [{ ...SEARCH, ...more }] },
  needs: [],
  capability: 'server-tools',
  group: 'server-tools',
})
const PLACE = {
  type: 'approximate',
  city: 'Paris',
  country: 'FR',
  region: 'Paris',
  timezone: 'Europe/Paris',
}
const located = (value: Json): Sample => search(value, { user_location: PLACE })

/** The least that a budget may be; the answer comes on top of it. */
const BUDGET = 1024
const ROOM = 1088
const thinking = (value: Json, more: JsonObject): Sample => ({
  value,
  body: { thinking: more, max_tokens: ROOM },
  needs: [],
  group: 'thinking',
  capability: 'thinking',
})
const budgeted = (value: Json): Sample => thinking(value, { type: 'enabled', budget_tokens: BUDGET })

const block = (value: Json, more: JsonObject = {}): Sample => ({
  value,
  body: { system: [{ type: 'text', text: 'Be brief.', ...more }] },
  needs: [],
})
const SERVER: JsonObject = { type: 'url', url: 'https://mcp.invalid/sse', name: 'assay' }
const served = (value: Json, more: JsonObject = {}): Sample => ({
  value,
  body: { mcp_servers: [{ ...SERVER, ...more }] },
  needs: [],
  capability: 'mcp',
  group: 'mcp',
})
const FORMAT = {
  type: 'json_schema',
  schema: {
    type: 'object',
    properties: { colour: { type: 'string', enum: ['teal', 'ochre'] } },
    required: ['colour'],
    additionalProperties: false,
  },
}
const shaped = (value: Json): Sample => ({
  value,
  body: { output_config: { format: FORMAT } },
  needs: [],
  capability: 'json',
  group: 'json',
})
const CACHE: JsonObject = { type: 'ephemeral' }

/** Fields that an account, an id or a beta opens, of which no value can be made up. */
const NONE = [
  'container.skills',
  'container.skills[].type',
  'container.skills[].skill_id',
  'container.skills[].version',
  'user_profile_id',
  'workspace_id',
  'tools[].allowed_callers',
  'tools[].defer_loading',
  'tools[].configs',
  'tools[].max_characters',
  'tools[].response_inclusion',
  'tools[].citations',
  'tools[].citations.enabled',
  'tools[].max_content_tokens',
  'tools[].url_sources',
  'tools[].url_sources.client_tool_results',
  'tools[].url_sources.server_tool_results',
  'tools[].url_sources.user_input',
  'tools[].use_cache',
]

/** Valid values by path; the first of a path stands in for the field where another one needs it. */
const SAMPLES: Record<string, Sample[]> = {
  ...CONTENT_SAMPLES,
  ...Object.fromEntries(NONE.map((path) => [path, []])),
  model: [{ value: '$model' }],
  max_tokens: [{ value: 16 }],
  stream: [{ value: true }, { value: false }],
  system: [{ value: 'Be brief.' }, block([{ type: 'text', text: 'Be brief.' }])],
  'system[].type': [block('text')],
  'system[].text': [block('Be brief.')],
  'system[].cache_control': [block(CACHE, { cache_control: CACHE }), block(null, { cache_control: null })],
  'system[].cache_control.type': [block('ephemeral', { cache_control: CACHE })],
  'system[].cache_control.ttl': ['5m', '1h'].map((ttl) => block(ttl, { cache_control: { ...CACHE, ttl } })),
  'system[].citations': [block(null, { citations: null })],
  stop_sequences: [
    { value: ['zebra'] },
    { value: ['zebra', 'yak', 'yeti', 'yawl', 'yaffle'] },
    { value: [] },
  ],
  temperature: [{ value: 0 }, { value: 1 }, { value: 2 }, { value: 0.5 }],
  top_p: [{ value: 0.5 }, { value: 1 }],
  top_k: [{ value: 1 }, { value: 40 }],
  metadata: [{ value: { user_id: 'assay-user-1' } }],
  'metadata.user_id': [{ value: 'assay-user-1' }, { value: null }],
  thinking: [budgeted({ type: 'enabled', budget_tokens: BUDGET })],
  'thinking.type': [budgeted('enabled'), thinking('disabled', { type: 'disabled' })],
  'thinking.budget_tokens': [budgeted(BUDGET)],
  'thinking.display': ['summarized', 'omitted'].map((display) =>
    thinking(display, { type: 'enabled', budget_tokens: BUDGET, display }),
  ),
  tools: [{ value: [WEATHER_TOOL] }],
  'tools[].type': [tool('custom', { type: 'custom' }), tool(null, { type: null }), search(SEARCH.type)],
  'tools[].name': [tool('get_weather', {})],
  'tools[].description': [tool(WEATHER_TOOL.description!, {})],
  'tools[].input_schema': [tool(SCHEMA, {})],
  'tools[].input_schema.type': [tool('object', {})],
  'tools[].input_schema.properties': [tool(SCHEMA.properties!, {})],
  'tools[].input_schema.required': [tool(SCHEMA.required!, {})],
  'tools[].cache_control': [tool(CACHE, { cache_control: CACHE }), tool(null, { cache_control: null })],
  'tools[].cache_control.type': [tool('ephemeral', { cache_control: CACHE })],
  'tools[].cache_control.ttl': ['5m', '1h'].map((ttl) => tool(ttl, { cache_control: { ...CACHE, ttl } })),
  'tools[].strict': [true, false].map((strict) => tool(strict, { strict })),
  'tools[].eager_input_streaming': [true, false].map((eager) =>
    tool(eager, { eager_input_streaming: eager }),
  ),
  'tools[].input_examples': [tool([{ city: 'Paris' }], { input_examples: [{ city: 'Paris' }] })],
  'tools[].max_uses': [search(1, { max_uses: 1 })],
  'tools[].allowed_domains': [search(['example.com'], { allowed_domains: ['example.com'] })],
  'tools[].blocked_domains': [search(['example.com'], { blocked_domains: ['example.com'] })],
  'tools[].user_location': [located(PLACE)],
  'tools[].user_location.type': [located(PLACE.type)],
  'tools[].user_location.city': [located(PLACE.city)],
  'tools[].user_location.country': [located(PLACE.country)],
  'tools[].user_location.region': [located(PLACE.region)],
  'tools[].user_location.timezone': [located(PLACE.timezone)],
  tool_choice: [
    chosen({ type: 'auto' }, { type: 'auto' }),
    chosen({ type: 'any' }, { type: 'any' }),
    chosen(NAMED, NAMED),
    chosen({ type: 'none' }, { type: 'none' }),
  ],
  'tool_choice.type': ['auto', 'any', 'none'].map((type) => inChoice(type, { type })),
  'tool_choice.name': [inChoice('get_weather', NAMED)],
  'tool_choice.disable_parallel_tool_use': [true, false].map((value) =>
    inChoice(value, { type: 'auto', disable_parallel_tool_use: value }),
  ),
  cache_control: [{ value: CACHE }, { value: null }],
  'cache_control.ttl': [{ value: '5m' }, { value: '1h' }],
  container: [
    { value: 'container_assay', capability: 'container' },
    { value: null, capability: 'container' },
  ],
  'container.id': [{ value: 'container_assay', capability: 'container', needs: [] }],
  mcp_servers: [served([SERVER])],
  'mcp_servers[].type': [served('url')],
  'mcp_servers[].name': [served('assay')],
  'mcp_servers[].url': [served(SERVER.url!)],
  // A credential in a request that only asks whether it is taken would be one more to mask.
  'mcp_servers[].authorization_token': [],
  'mcp_servers[].tool_configuration': [served({ enabled: true }, { tool_configuration: { enabled: true } })],
  'mcp_servers[].tool_configuration.enabled': [served(true, { tool_configuration: { enabled: true } })],
  'mcp_servers[].tool_configuration.allowed_tools': [
    served(['look'], { tool_configuration: { allowed_tools: ['look'] } }),
  ],
  output_config: [{ value: { effort: 'low' }, capability: 'reasoning-effort' }],
  'output_config.effort': ['low', 'medium', 'high'].map((effort) => ({
    value: effort,
    body: { output_config: { effort } },
    needs: [],
    capability: 'reasoning-effort',
  })),
  'output_config.format': [shaped(FORMAT)],
  'output_config.format.type': [shaped('json_schema')],
  'output_config.format.schema': [shaped(FORMAT.schema)],
  diagnostics: [{ value: { previous_message_id: null } }, { value: null }],
  'diagnostics.previous_message_id': [{ value: null }],
  inference_geo: [{ value: null }],
  speed: [{ value: 'standard' }],
}

/** The samples for one profile: some values are right or wrong by what its document says of the field. */
export function samplesFor({ promise }: Pick<Ground, 'promise'>): Record<string, Sample[]> {
  const out = { ...SAMPLES }
  if (promise.fields['messages[].content[].thinking']?.fate !== 'honoured')
    Object.assign(out, THINKING_SAMPLES)
  // A choice in one word is no form of the vendor's: only who names the words takes them.
  const words = promise.fields.tool_choice?.values ?? []
  out.tool_choice = [...out.tool_choice!, ...words.map((word) => chosen(word, word))]
  return out
}
