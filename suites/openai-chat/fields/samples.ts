import type { Json, JsonObject } from '../../../reports/record/types.ts'
import { ONE_CITY, PLAIN, WEATHER_TOOL } from '../ask.ts'

/**
 * Valid values that a schema cannot give: where they stand, and what they need beside them. What is not here follows
 * from the schema: members of closed lists, bounds, defaults, booleans, null.
 */
export interface Sample {
  value: Json
  /** Laid over the request body. Default: the value at the field's own path (`[]` is the first item). */
  body?: JsonObject
  /** Laid over the last user turn. */
  last?: JsonObject
  /** Stands before all other turns. */
  first?: JsonObject
  /** Stand before the last user turn. */
  turns?: JsonObject[]
  /** Fields of which the first sample has to be there too. Default: the object that holds the field. */
  needs?: string[]
  /** Shares a request only with samples of the same group. */
  group?: string
  /** What the model must be able to do. */
  capability?: string
  /** Only the vendor's specification says so: a profile that does not follow it is warned at most. */
  official?: true
}

const user = (content: string): JsonObject => ({ role: 'user', content })
const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
/** 8 samples of silence. */
const WAVE = 'UklGRjQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YRAAAAAAAAAAAAAAAAAAAAAAAAAA'
/** A page without content. */
const PDF =
  'data:application/pdf;base64,JVBERi0xLjAKMSAwIG9iajw8L1BhZ2VzIDIgMCBSPj5lbmRvYmogMiAwIG9iajw8L0tpZHNbMyAwIFJdL0NvdW50IDE+PmVuZG9iaiAzIDAgb2JqPDwvTWVkaWFCb3hbMCAwIDMgM10+PmVuZG9iagp0cmFpbGVyPDwvUm9vdCAxIDAgUj4+'

const TEXT = { type: 'text', text: PLAIN }
const SYSTEM = { role: 'system', content: 'Be brief.' }
const EXCHANGE = [user('Hello.'), { role: 'assistant', content: 'Hello to you.' }]

export const CALL_TURNS: JsonObject[] = [
  user(ONE_CITY),
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: 'Sunny, 21 degrees.' },
]
const CUSTOM_TURNS: JsonObject[] = [
  user('Run the code 1+1.'),
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'call_2', type: 'custom', custom: { name: 'run_code', input: '1+1' } }],
  },
  { role: 'tool', tool_call_id: 'call_2', content: '2' },
]
const FUNCTION_TURNS: JsonObject[] = [
  user(ONE_CITY),
  {
    role: 'assistant',
    content: null,
    function_call: { name: 'get_weather', arguments: '{"city":"Paris"}' },
  },
  { role: 'function', name: 'get_weather', content: 'Sunny, 21 degrees.' },
]
const REFUSAL = 'I cannot help with that.'
const REFUSAL_TURNS = [
  user('Tell me a secret.'),
  { role: 'assistant', content: [{ type: 'refusal', refusal: REFUSAL }] },
]

const called = (value: Json): Sample[] => [{ value, turns: CALL_TURNS, needs: ['tools'] }]
const calledCustom = (value: Json): Sample[] => [
  { value, turns: CUSTOM_TURNS, needs: ['tools[].custom'], capability: 'custom-tools' },
]
const calledFunction = (value: Json): Sample[] => [{ value, turns: FUNCTION_TURNS, needs: ['functions'] }]
const part = (value: Json, piece: JsonObject, capability: string): Sample => ({
  value,
  last: { content: [TEXT, piece] },
  needs: [],
  capability,
})
const image = (value: Json, more: JsonObject = {}): Sample =>
  part(value, { type: 'image_url', image_url: { url: PIXEL, ...more } }, 'vision')
const sound = (value: Json, format = 'wav'): Sample =>
  part(value, { type: 'input_audio', input_audio: { data: WAVE, format } }, 'audio-input')
const paper = (value: Json): Sample =>
  part(value, { type: 'file', file: { file_data: PDF, filename: 'page.pdf' } }, 'file-input')
const breakpoint = (value: Json, more: JsonObject = {}): Sample => ({
  value,
  last: { content: [{ ...TEXT, prompt_cache_breakpoint: { mode: 'explicit', ...more } }] },
  needs: [],
})
const parts: Sample = { value: [TEXT], last: { content: [TEXT] }, needs: [], official: true }

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

export const SAMPLES: Record<string, Sample[]> = {
  model: [{ value: '$model' }],
  messages: [{ value: [user(PLAIN)], body: {} }],
  'messages[].role': [
    { value: 'user', body: {}, needs: [] },
    { value: 'system', first: SYSTEM, needs: [] },
    { value: 'developer', first: { role: 'developer', content: 'Be brief.' }, needs: [] },
    { value: 'assistant', turns: EXCHANGE, needs: [] },
    { value: 'tool', turns: CALL_TURNS, needs: ['tools'] },
    { value: 'function', turns: FUNCTION_TURNS, needs: ['functions'] },
  ],
  'messages[].content': [
    { value: PLAIN, body: {}, needs: [] },
    parts,
    { value: null, turns: CALL_TURNS, needs: ['tools'] },
  ],
  'messages[].content[].type': [
    { ...parts, value: 'text' },
    image('image_url'),
    sound('input_audio'),
    paper('file'),
    { value: 'refusal', turns: REFUSAL_TURNS, needs: [] },
  ],
  'messages[].content[].text': [{ ...parts, value: PLAIN }],
  'messages[].content[].prompt_cache_breakpoint': [breakpoint({ mode: 'explicit' })],
  'messages[].content[].prompt_cache_breakpoint.mode': [breakpoint('explicit')],
  'messages[].content[].prompt_cache_breakpoint.ttl': [
    breakpoint('30m', { ttl: '30m' }),
    breakpoint('12h', { ttl: '12h' }),
  ],
  'messages[].name': [{ value: 'alice', last: { name: 'alice' }, needs: [] }],
  'messages[].content[].image_url': [image({ url: PIXEL })],
  'messages[].content[].image_url.url': [image(PIXEL)],
  'messages[].content[].image_url.detail': ['auto', 'low', 'high', 'original'].map((detail) =>
    image(detail, { detail }),
  ),
  'messages[].content[].input_audio': [sound({ data: WAVE, format: 'wav' })],
  'messages[].content[].input_audio.data': [sound(WAVE)],
  'messages[].content[].input_audio.format': [sound('wav')],
  'messages[].content[].file': [paper({ file_data: PDF, filename: 'page.pdf' })],
  'messages[].content[].file.file_data': [paper(PDF)],
  'messages[].content[].file.filename': [paper('page.pdf')],
  // No id of an uploaded file is known.
  'messages[].content[].file.file_id': [],
  'messages[].content[].refusal': [{ value: REFUSAL, turns: REFUSAL_TURNS, needs: [] }],
  'messages[].refusal': [
    {
      value: REFUSAL,
      turns: [user('Tell me a secret.'), { role: 'assistant', content: REFUSAL, refusal: REFUSAL }],
      needs: [],
    },
    {
      value: null,
      turns: [user('Hello.'), { role: 'assistant', content: 'Hello to you.', refusal: null }],
      needs: [],
    },
  ],
  'messages[].audio': [
    {
      value: null,
      turns: [user('Hello.'), { role: 'assistant', content: 'Hello to you.', audio: null }],
      needs: [],
    },
  ],
  // No id of an earlier spoken answer is known.
  'messages[].audio.id': [],
  'messages[].tool_calls': called(CALL_TURNS[1]!.tool_calls!),
  'messages[].tool_calls[].id': called('call_1'),
  'messages[].tool_calls[].type': [...called('function'), ...calledCustom('custom')],
  'messages[].tool_calls[].function': called({ name: 'get_weather', arguments: '{"city":"Paris"}' }),
  'messages[].tool_calls[].function.arguments': called('{"city":"Paris"}'),
  'messages[].tool_calls[].function.name': called('get_weather'),
  'messages[].tool_calls[].custom': calledCustom({ name: 'run_code', input: '1+1' }),
  'messages[].tool_calls[].custom.input': calledCustom('1+1'),
  'messages[].tool_calls[].custom.name': calledCustom('run_code'),
  'messages[].function_call': calledFunction(FUNCTION_TURNS[1]!.function_call!),
  'messages[].function_call.arguments': calledFunction('{"city":"Paris"}'),
  'messages[].function_call.name': calledFunction('get_weather'),
  'messages[].reasoning_content': [
    {
      value: 'They greet me.',
      turns: [
        user('Hello.'),
        { role: 'assistant', content: 'Hello to you.', reasoning_content: 'They greet me.' },
      ],
      needs: [],
    },
  ],
  'messages[].tool_call_id': called('call_1'),
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
