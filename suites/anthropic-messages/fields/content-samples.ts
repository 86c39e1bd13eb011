import type { Json, JsonObject } from '../../../reports/record/types.ts'
import { digest } from '../../core/digest.ts'
import type { Sample } from '../../fields/sample.ts'
import { ONE_CITY, PLAIN } from '../ask.ts'
import { picture } from '../picture.ts'

const user = (content: Json): JsonObject => ({ role: 'user', content })
const assistant = (content: Json): JsonObject => ({ role: 'assistant', content })
const NOTED = assistant('Noted.')

const EPHEMERAL: JsonObject = { type: 'ephemeral' }
const PNG = picture().source as JsonObject
const PIXELS = PNG.data!
/** A page without content. */
const PDF =
  'JVBERi0xLjAKMSAwIG9iajw8L1BhZ2VzIDIgMCBSPj5lbmRvYmogMiAwIG9iajw8L0tpZHNbMyAwIFJdL0NvdW50IDE+PmVuZG9iaiAzIDAgb2JqPDwvTWVkaWFCb3hbMCAwIDMgM10+PmVuZG9iagp0cmFpbGVyPDwvUm9vdCAxIDAgUj4+'
const WORDS: JsonObject = { type: 'text', media_type: 'text/plain', data: 'The grass is green.' }
const PART: JsonObject = { type: 'text', text: 'The sky is blue.' }

/** A turn of its own with the block, answered: many samples share one request. */
const told = (block: JsonObject): JsonObject[] => [user([block, { type: 'text', text: 'Keep it.' }]), NOTED]
const inUser = (value: Json, block: JsonObject, capability?: string): Sample => ({
  value,
  turns: told(block),
  needs: [],
  ...(capability === undefined ? {} : { capability }),
})

const text = (value: Json, more: JsonObject = {}): Sample => inUser(value, { ...PART, ...more })
const image = (value: Json, more: JsonObject = {}): Sample =>
  inUser(value, { type: 'image', source: PNG, ...more }, 'vision')
const paper = (value: Json, more: JsonObject = {}): Sample =>
  inUser(value, { type: 'document', source: WORDS, ...more }, 'documents')
const pdf = (value: Json): Sample =>
  paper(value, { source: { type: 'base64', media_type: 'application/pdf', data: PDF } })
const pieces = (value: Json, piece: JsonObject = PART): Sample =>
  paper(value, { source: { type: 'content', content: [piece] } })
const FOUND: JsonObject = { type: 'search_result', source: 'a-page', title: 'A page', content: [PART] }
const found = (value: Json, more: JsonObject = {}): Sample =>
  inUser(value, { ...FOUND, ...more }, 'search-results')

const CALL: JsonObject = { type: 'tool_use', name: 'get_weather', input: { city: 'Paris' } }
const RESULT: JsonObject = { type: 'tool_result', content: 'Sunny, 21 degrees.' }
/** Several calls may stand in one history: each has an id of its own, which follows from what is in it. */
const idOf = (call: JsonObject, result: JsonObject): string => `toolu_${digest([call, result])}`
/** A call and its result, answered. */
const called = (value: Json, call: JsonObject = {}, result: JsonObject = {}): Sample => ({
  value,
  turns: [
    user(ONE_CITY),
    assistant([{ ...CALL, id: idOf(call, result), ...call }]),
    user([{ ...RESULT, tool_use_id: idOf(call, result), ...result }]),
    assistant('Sunny.'),
  ],
  needs: ['tools'],
})
const ID = idOf({}, {})
const resulted = (value: Json, block: JsonObject, capability?: string): Sample => ({
  ...called(value, {}, { content: [block] }),
  ...(capability === undefined ? {} : { capability }),
})

const MUSED: JsonObject = { type: 'thinking', thinking: 'A greeting is fine.', signature: 'YXNzYXk=' }
const VEILED: JsonObject = { type: 'redacted_thinking', data: 'YXNzYXk=' }
const mused = (value: Json, block: JsonObject): Sample => ({
  value,
  turns: [user('Hello.'), assistant([block, { type: 'text', text: 'Hello to you.' }])],
  needs: [],
  // Who heeds thinking refuses a signature that was made up: that is no news of the company.
  group: 'thinking-history',
})

const CITED: JsonObject = {
  type: 'char_location',
  cited_text: 'The grass is green.',
  document_index: 0,
  document_title: null,
  start_char_index: 0,
  end_char_index: 19,
}
const cited = (value: Json): Sample => ({
  value,
  turns: [user([PART]), assistant([{ ...PART, citations: [CITED] }])],
  needs: [],
})

/** Where thinking is heeded a signature must be one that the gateway gave: no sample can have it. */
export const THINKING_SAMPLES: Record<string, Sample[]> = {
  'messages[].content[].thinking': [mused(MUSED.thinking!, MUSED)],
  'messages[].content[].signature': [mused(MUSED.signature!, MUSED)],
  'messages[].content[].data': [mused(VEILED.data!, VEILED)],
}

/** Blocks that only a server's own tools, an uploaded file or the vendor's signature can fill: nobody can make one up. */
const NONE = [
  'messages[].content[].thinking',
  'messages[].content[].signature',
  'messages[].content[].data',
  'messages[].content[].file_id',
  'messages[].content[].source.file_id',
  'messages[].content[].content[].source.file_id',
  'messages[].content[].source.content[].source.file_id',
  'messages[].content[].caller',
  'messages[].content[].caller.type',
  'messages[].content[].caller.tool_id',
  'messages[].content[].toolset_name',
  'messages[].content[].content[].tool_name',
  'messages[].content[].content[].tabs',
  'messages[].content[].content[].state_changes',
  // A loopback gateway cannot fetch: what a URL shows is asked where a person looks at it.
  'messages[].content[].source.url',
  'messages[].content[].content[].source.url',
  'messages[].content[].source.content[].source.url',
  // Other citations come from documents and tools that answered before.
  'messages[].content[].citations[].end_page_number',
  'messages[].content[].citations[].start_page_number',
  'messages[].content[].citations[].end_block_index',
  'messages[].content[].citations[].start_block_index',
  'messages[].content[].citations[].encrypted_index',
  'messages[].content[].citations[].title',
  'messages[].content[].citations[].url',
  'messages[].content[].citations[].search_result_index',
  'messages[].content[].citations[].source',
  'messages[].content[].source.content[].citations',
  'messages[].content[].source.content[].transformations',
  'messages[].content[].source.content[].transformations.oversized_image',
  'messages[].content[].content[].transformations',
  'messages[].content[].content[].transformations.oversized_image',
]

const TTLS: Json[] = ['5m', '1h']

/** Valid values inside `messages`. */
export const CONTENT_SAMPLES: Record<string, Sample[]> = {
  ...Object.fromEntries(NONE.map((path) => [path, []])),
  messages: [{ value: [user(PLAIN)], body: {} }],
  'messages[].role': [
    { value: 'user', body: {}, needs: [] },
    { value: 'assistant', turns: [user('Hello.'), assistant('Hello to you.')], needs: [] },
    {
      value: 'system',
      turns: [user('Hello.'), { role: 'system', content: 'Be brief.' }],
      needs: [],
      official: true,
    },
  ],
  'messages[].content': [
    { value: PLAIN, body: {}, needs: [] },
    { value: [PART], turns: told(PART), needs: [] },
  ],
  'messages[].content[].type': [
    text('text'),
    image('image'),
    paper('document'),
    found('search_result'),
    called('tool_use'),
    called('tool_result'),
  ],
  'messages[].content[].text': [text(PART.text!)],
  'messages[].content[].cache_control': [
    text(EPHEMERAL, { cache_control: EPHEMERAL }),
    text(null, { cache_control: null }),
    called(EPHEMERAL, { cache_control: EPHEMERAL }),
    called(EPHEMERAL, {}, { cache_control: EPHEMERAL }),
    image(EPHEMERAL, { cache_control: EPHEMERAL }),
  ],
  'messages[].content[].cache_control.type': [text('ephemeral', { cache_control: EPHEMERAL })],
  'messages[].content[].cache_control.ttl': TTLS.map((ttl) =>
    text(ttl, { cache_control: { ...EPHEMERAL, ttl } }),
  ),
  'messages[].content[].citations': [cited([CITED]), text(null, { citations: null })],
  'messages[].content[].citations[].type': [cited(CITED.type!)],
  'messages[].content[].citations[].cited_text': [cited(CITED.cited_text!)],
  'messages[].content[].citations[].document_index': [cited(CITED.document_index!)],
  'messages[].content[].citations[].document_title': [cited(null)],
  'messages[].content[].citations[].start_char_index': [cited(CITED.start_char_index!)],
  'messages[].content[].citations[].end_char_index': [cited(CITED.end_char_index!)],
  'messages[].content[].citations.enabled': [true, false].map((enabled) =>
    paper(enabled, { citations: { enabled } }),
  ),
  'messages[].content[].source': [image(PNG), paper(WORDS)],
  'messages[].content[].source.type': [image('base64'), pdf('base64'), paper('text'), pieces('content')],
  'messages[].content[].source.media_type': [image('image/png'), pdf('application/pdf'), paper('text/plain')],
  'messages[].content[].source.data': [image(PIXELS), pdf(PDF), paper(WORDS.data!)],
  'messages[].content[].source.content': [
    pieces([PART]),
    paper('The sky is blue.', { source: { type: 'content', content: 'The sky is blue.' } }),
  ],
  'messages[].content[].source.content[].type': [pieces('text')],
  'messages[].content[].source.content[].text': [pieces(PART.text!)],
  'messages[].content[].source.content[].cache_control': [
    pieces(EPHEMERAL, { ...PART, cache_control: EPHEMERAL }),
  ],
  'messages[].content[].source.content[].cache_control.type': [
    pieces('ephemeral', { ...PART, cache_control: EPHEMERAL }),
  ],
  'messages[].content[].source.content[].cache_control.ttl': TTLS.map((ttl) =>
    pieces(ttl, { ...PART, cache_control: { ...EPHEMERAL, ttl } }),
  ),
  'messages[].content[].source.content[].source': [pieces(PNG, { type: 'image', source: PNG })],
  'messages[].content[].source.content[].source.type': [pieces('base64', { type: 'image', source: PNG })],
  'messages[].content[].source.content[].source.data': [pieces(PIXELS, { type: 'image', source: PNG })],
  'messages[].content[].source.content[].source.media_type': [
    pieces('image/png', { type: 'image', source: PNG }),
  ],
  'messages[].content[].transformations': [image(null, { transformations: null })],
  'messages[].content[].transformations.oversized_image': ['downsize', 'error'].map((oversized_image) =>
    image(oversized_image, { transformations: { oversized_image } }),
  ),
  'messages[].content[].context': [
    paper('Of a lawn.', { context: 'Of a lawn.' }),
    paper(null, { context: null }),
  ],
  'messages[].content[].title': [
    paper('Lawns', { title: 'Lawns' }),
    paper(null, { title: null }),
    found(FOUND.title!),
  ],
  'messages[].content[].content': [called(RESULT.content!), resulted([PART], PART)],
  'messages[].content[].content[].type': [
    resulted('text', PART),
    resulted('image', { type: 'image', source: PNG }, 'vision'),
  ],
  'messages[].content[].content[].text': [resulted(PART.text!, PART)],
  'messages[].content[].content[].cache_control': [
    resulted(EPHEMERAL, { ...PART, cache_control: EPHEMERAL }),
    resulted(null, { ...PART, cache_control: null }),
  ],
  'messages[].content[].content[].cache_control.type': [
    resulted('ephemeral', { ...PART, cache_control: EPHEMERAL }),
  ],
  'messages[].content[].content[].cache_control.ttl': TTLS.map((ttl) =>
    resulted(ttl, { ...PART, cache_control: { ...EPHEMERAL, ttl } }),
  ),
  'messages[].content[].content[].citations': [resulted(null, { ...PART, citations: null })],
  'messages[].content[].content[].source': [resulted(PNG, { type: 'image', source: PNG }, 'vision')],
  'messages[].content[].content[].source.type': [
    resulted('base64', { type: 'image', source: PNG }, 'vision'),
  ],
  'messages[].content[].content[].source.data': [resulted(PIXELS, { type: 'image', source: PNG }, 'vision')],
  'messages[].content[].content[].source.media_type': [
    resulted('image/png', { type: 'image', source: PNG }, 'vision'),
  ],
  'messages[].content[].content[].content': [resulted([PART], FOUND, 'search-results')],
  'messages[].content[].content[].title': [resulted(FOUND.title!, FOUND, 'search-results')],
  'messages[].content[].content[].context': [
    resulted('Of a lawn.', { type: 'document', source: WORDS, context: 'Of a lawn.' }, 'documents'),
  ],
  'messages[].content[].tool_use_id': [called(ID)],
  'messages[].content[].is_error': [true, false].map((is_error) => called(is_error, {}, { is_error })),
  'messages[].content[].id': [called(ID)],
  'messages[].content[].name': [called(CALL.name!)],
  'messages[].content[].input': [called(CALL.input!)],
}
