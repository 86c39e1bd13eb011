import type { Json, JsonObject } from '../../../reports/record/types.ts'
import type { Sample } from '../../fields/sample.ts'
import { ONE_CITY, PLAIN } from '../ask.ts'

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

const CALL_TURNS: JsonObject[] = [
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

/** Valid values inside `messages`. */
export const MESSAGE_SAMPLES: Record<string, Sample[]> = {
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
}
