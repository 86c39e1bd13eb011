import type { Json, JsonObject } from '../../../reports/record/types.ts'
import type { Sample } from '../../fields/sample.ts'
import { PLAIN, WEATHER_TOOL } from '../ask.ts'
import { MESSAGE_SAMPLES } from './message-samples.ts'

const JSON_MODE: Sample = {
  value: { type: 'json_object' },
  body: { response_format: { type: 'json_object' } },
  last: { content: `${PLAIN} The word JSON stands here because JSON mode asks for it.` },
  needs: [],
}
const SCHEMA: JsonObject = {
  type: 'object',
  properties: { colour: { type: 'string', enum: ['teal', 'ochre'] } },
  required: ['colour'],
  additionalProperties: false,
}
const schemaFormat = (value: Json, more: JsonObject = {}): Sample => ({
  value,
  body: {
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA, ...more } },
  },
  needs: [],
})
const TEXT_FORMAT: Sample = {
  value: { type: 'text' },
  body: { response_format: { type: 'text' } },
  needs: [],
}

const NAMED = { type: 'function', function: { name: 'get_weather' } }
const named = (value: Json): Sample => ({ value, body: { tool_choice: NAMED }, needs: ['tools'] })
const allowed = (value: Json, mode = 'auto'): Sample => ({
  value,
  body: { tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools: [NAMED] } } },
  needs: ['tools'],
  official: true,
})
const CUSTOM = { type: 'custom', custom: { name: 'run_code' } }
const custom = (value: Json, more: JsonObject = {}): Sample => ({
  value,
  body: { tools: [{ type: 'custom', custom: { name: 'run_code', ...more } }] },
  needs: [],
  capability: 'custom-tools',
})
const GRAMMAR = { type: 'grammar', grammar: { definition: '[a-f]{4}', syntax: 'regex' } }
const grammar = (value: Json): Sample => custom(value, { format: GRAMMAR })
const chosenCustom = (value: Json): Sample => ({
  value,
  body: { tool_choice: CUSTOM },
  needs: ['tools[].custom'],
  capability: 'custom-tools',
})

const speech = (value: Json, format = 'mp3', voice: Json = 'alloy'): Sample => ({
  value,
  body: { modalities: ['text', 'audio'], audio: { format, voice } },
  needs: [],
  group: 'audio',
})
const predicted = (value: Json, content: Json = 'OK'): Sample => ({
  value,
  body: { prediction: { type: 'content', content } },
  needs: [],
  group: 'prediction',
})
const predictedParts = (value: Json, more: JsonObject = {}): Sample =>
  predicted(value, [{ type: 'text', text: 'OK', ...more }])
const searched = (value: Json, more: JsonObject): Sample => ({
  value,
  body: { web_search_options: more },
  needs: [],
  group: 'web-search',
})
const PLACE = { city: 'Paris', country: 'FR', region: 'Paris', timezone: 'Europe/Paris' }
const located = (value: Json): Sample =>
  searched(value, { user_location: { type: 'approximate', approximate: PLACE } })
const moderated = (value: Json, more: JsonObject = {}): Sample => ({
  value,
  body: { moderation: { model: 'omni-moderation-latest', ...more } },
  needs: [],
  group: 'moderation',
})
const policy = (value: Json, part: string, mode = 'score'): Sample =>
  moderated(value, { policy: { [part]: { mode } } })

/** 16 pairs, the longest key and the longest value. */
const MANY_PAIRS: JsonObject = Object.fromEntries([
  ['k'.repeat(64), 'v'.repeat(512)],
  ...Array.from({ length: 15 }, (_, i) => [`key-${i + 1}`, 'value']),
])

/** Valid values by path; the first of a path stands in for the field where another one needs it. */
export const SAMPLES: Record<string, Sample[]> = {
  model: [{ value: '$model' }],
  ...MESSAGE_SAMPLES,
  stream: [{ value: true }, { value: false }, { value: null }],
  stream_options: [{ value: { include_usage: true }, needs: ['stream'] }, { value: null }],
  max_tokens: [{ value: 16 }, { value: null }],
  max_completion_tokens: [{ value: 16 }, { value: null }],
  // More choices than two cost tokens and tell nothing new.
  n: [{ value: 2 }, { value: 1 }, { value: null }],
  stop: [
    { value: 'zebra' },
    { value: ['zebra'] },
    { value: ['zebra', 'yak', 'yeti', 'yawl'] },
    { value: null },
  ],
  seed: [{ value: 7 }, { value: null }],
  logit_bias: [{ value: { '1234': -100 } }, { value: {} }, { value: null }],
  top_logprobs: [
    { value: 2, needs: ['logprobs'] },
    { value: 0, needs: ['logprobs'] },
    { value: 20, needs: ['logprobs'] },
    { value: null },
  ],
  response_format: [
    TEXT_FORMAT,
    JSON_MODE,
    schemaFormat({ type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA } }),
  ],
  'response_format.type': [
    { ...TEXT_FORMAT, value: 'text' },
    { ...JSON_MODE, value: 'json_object' },
    schemaFormat('json_schema'),
  ],
  'response_format.json_schema': [schemaFormat({ name: 'answer', schema: SCHEMA })],
  'response_format.json_schema.name': [schemaFormat('answer')],
  'response_format.json_schema.description': [
    schemaFormat('The name of a colour.', { description: 'The name of a colour.' }),
  ],
  'response_format.json_schema.schema': [schemaFormat(SCHEMA)],
  'response_format.json_schema.strict': [true, false, null].map((strict) => schemaFormat(strict, { strict })),
  tools: [{ value: [NAMED], body: { tools: [NAMED] } }],
  'tools[].type': [{ value: 'function', body: { tools: [NAMED] }, needs: [] }, custom('custom')],
  'tools[].function': [{ value: { name: 'get_weather' }, body: { tools: [NAMED] }, needs: [] }],
  'tools[].function.name': [{ value: 'get_weather', body: { tools: [NAMED] }, needs: [] }],
  'tools[].function.description': [{ value: 'Get the current weather in a city.', needs: ['tools'] }],
  'tools[].function.parameters': [{ value: parametersOf(WEATHER_TOOL), needs: ['tools'] }],
  'tools[].function.strict': [true, false, null].map((value) => ({
    value,
    needs: ['tools[].function.parameters'],
  })),
  'tools[].custom': [custom({ name: 'run_code' })],
  'tools[].custom.name': [custom('run_code')],
  'tools[].custom.description': [custom('Runs code.', { description: 'Runs code.' })],
  'tools[].custom.format': [custom({ type: 'text' }, { format: { type: 'text' } })],
  'tools[].custom.format.type': [custom('text', { format: { type: 'text' } }), grammar('grammar')],
  'tools[].custom.format.grammar': [grammar(GRAMMAR.grammar)],
  'tools[].custom.format.grammar.definition': [grammar(GRAMMAR.grammar.definition)],
  'tools[].custom.format.grammar.syntax': [
    grammar('regex'),
    custom('lark', {
      format: { type: 'grammar', grammar: { definition: 'start: "cafe"', syntax: 'lark' } },
    }),
  ],
  tool_choice: [
    { value: 'none', needs: ['tools'] },
    { value: 'auto', needs: ['tools'] },
    { value: 'required', needs: ['tools'] },
    named(NAMED),
  ],
  'tool_choice.type': [named('function'), chosenCustom('custom'), allowed('allowed_tools')],
  'tool_choice.function': [named({ name: 'get_weather' })],
  'tool_choice.function.name': [named('get_weather')],
  'tool_choice.custom': [chosenCustom({ name: 'run_code' })],
  'tool_choice.custom.name': [chosenCustom('run_code')],
  'tool_choice.allowed_tools': [allowed({ mode: 'auto', tools: [NAMED] })],
  'tool_choice.allowed_tools.mode': [allowed('auto'), allowed('required', 'required')],
  'tool_choice.allowed_tools.tools': [allowed([NAMED])],
  parallel_tool_calls: [
    { value: true, needs: ['tools'] },
    { value: false, needs: ['tools'] },
  ],
  thinking: ['enabled', 'disabled'].map((type) => ({ value: { type } })),
  'thinking.type': ['enabled', 'disabled'].map((value) => ({ value, needs: [] })),
  modalities: [{ value: ['text'] }, speech(['text', 'audio']), { value: null }],
  audio: [speech({ format: 'mp3', voice: 'alloy' }), { value: null }],
  'audio.format': ['mp3', 'wav', 'aac', 'flac', 'opus', 'pcm16'].map((format) => speech(format, format)),
  'audio.voice': [speech('alloy')],
  // No id of a voice of one's own is known.
  'audio.voice.id': [],
  prediction: [predicted({ type: 'content', content: 'OK' }), { value: null }],
  'prediction.type': [predicted('content')],
  'prediction.content': [predicted('OK'), predictedParts([{ type: 'text', text: 'OK' }])],
  'prediction.content[].type': [predictedParts('text')],
  'prediction.content[].text': [predictedParts('OK')],
  'prediction.content[].prompt_cache_breakpoint': [
    predictedParts({ mode: 'explicit' }, { prompt_cache_breakpoint: { mode: 'explicit' } }),
  ],
  'prediction.content[].prompt_cache_breakpoint.mode': [
    predictedParts('explicit', { prompt_cache_breakpoint: { mode: 'explicit' } }),
  ],
  'prediction.content[].prompt_cache_breakpoint.ttl': ['30m', '12h'].map((ttl) =>
    predictedParts(ttl, { prompt_cache_breakpoint: { mode: 'explicit', ttl } }),
  ),
  web_search_options: [searched({}, {})],
  'web_search_options.search_context_size': ['low', 'medium', 'high'].map((size) =>
    searched(size, { search_context_size: size }),
  ),
  'web_search_options.user_location': [located({ type: 'approximate', approximate: PLACE })],
  'web_search_options.user_location.type': [located('approximate')],
  'web_search_options.user_location.approximate': [located(PLACE)],
  'web_search_options.user_location.approximate.city': [located(PLACE.city)],
  'web_search_options.user_location.approximate.country': [located(PLACE.country)],
  'web_search_options.user_location.approximate.region': [located(PLACE.region)],
  'web_search_options.user_location.approximate.timezone': [located(PLACE.timezone)],
  moderation: [moderated({ model: 'omni-moderation-latest' }), { value: null }],
  'moderation.model': [moderated('omni-moderation-latest')],
  'moderation.policy': [policy({ input: { mode: 'score' } }, 'input')],
  'moderation.policy.input': [policy({ mode: 'score' }, 'input')],
  'moderation.policy.input.mode': [policy('score', 'input'), policy('block', 'input', 'block')],
  'moderation.policy.output': [policy({ mode: 'score' }, 'output')],
  'moderation.policy.output.mode': [policy('score', 'output'), policy('block', 'output', 'block')],
  // The service itself wants store beside metadata.
  metadata: [
    { value: { run: 'assay' }, needs: ['store'] },
    { value: MANY_PAIRS, needs: ['store'] },
    { value: null },
  ],
  user: [{ value: 'assay-user-1' }],
  safety_identifier: [{ value: 'assay-user-1' }, { value: 'u'.repeat(64) }, { value: null }],
  prompt_cache_key: [{ value: 'assay-key-1' }, { value: null }],
  prompt_cache_options: [{ value: { mode: 'implicit' } }],
  'prompt_cache_options.mode': [{ value: 'implicit' }, { value: 'explicit', needs: [] }],
  'prompt_cache_options.ttl': [{ value: '30m' }],
  functions: [{ value: [{ name: 'get_weather' }] }],
  'functions[].name': [{ value: 'get_weather' }],
  'functions[].description': [{ value: 'Get the current weather in a city.' }],
  'functions[].parameters': [{ value: parametersOf(WEATHER_TOOL) }],
  function_call: [
    { value: 'none', needs: ['functions'] },
    { value: 'auto', needs: ['functions'] },
    { value: { name: 'get_weather' }, needs: ['functions'] },
  ],
  'function_call.name': [{ value: 'get_weather', needs: ['functions'] }],
}

function parametersOf(tool: JsonObject): Json {
  return (tool.function as JsonObject).parameters!
}
