import type { RunRecord } from '../../reports/record/read.ts'
import type {
  Exchange,
  FieldFate,
  Finding,
  RecordLine,
  RunLine,
  SummaryLine,
  VerdictLine,
} from '../../reports/record/types.ts'

/** A record written by hand: verdicts of every kind, a chunked event stream, an error reply, a cut connection. */

const text = (s: string) => new Uint8Array(Buffer.from(s))

export const STREAM_DATA = [
  'data: {"id":"chatcmpl-71","object":"chat.completion.chunk","created":1795311480,"model":"ref-large","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
  'data: {"id":"chatcmpl-71","object":"chat.completion.chunk","created":1795311480,"model":"ref-large","choices":[{"index":0,"delta":{"content":"Guten Tag, 世界 👋"},"finish_reason":null}]}',
  'data: {"id":"chatcmpl-71","object":"chat.completion.chunk","created":1795311480,"model":"ref-large","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14}}',
  'data: [DONE]',
]
export const STREAM_BODY = STREAM_DATA.map((line) => `${line}\n\n`).join('')

/** Each event as one chunk, in one read each; the head comes alone. */
export function streamReads(events: string[], head: string): Exchange['reads'] {
  const chunks = events.map((event) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`)
  return [head, ...chunks, '0\r\n\r\n'].map((part, i) => ({ at: 12.5 + i * 20.25, bytes: text(part) }))
}

const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n'

export function exchange(digest: string, over: Partial<Exchange> = {}): Exchange {
  return {
    digest,
    dialect: 'openai-chat',
    request: {
      method: 'POST',
      url: 'https://gateway.example.test/v1/chat/completions',
      headers: [['content-type', 'application/json']],
      body: '{"model":"ref-large","messages":[{"role":"user","content":"Say hello."}],"stream":true}',
    },
    wire: 'http1',
    status: 200,
    headers: [
      ['Content-Type', 'text/event-stream; charset=utf-8'],
      ['Transfer-Encoding', 'chunked'],
    ],
    reads: streamReads(
      STREAM_DATA.map((line) => `${line}\n\n`),
      STREAM_HEAD,
    ),
    end: { kind: 'complete' },
    leaks: [],
    startedAt: '2026-11-22T01:38:00.120Z',
    timing: { connected: 0.8, sent: 1.1, ended: 120.75 },
    reused: false,
    retries: 0,
    ...over,
  }
}

const ERROR_BODY = '{"error":"upstream \u001b[31mrefused\u001b[0m at 10.0.0.7:8443\u202egnp"}'

export const EXCHANGES: Exchange[] = [
  exchange('a1b2c3d4e5f60718'),
  exchange('0badc0de0badc0de', {
    status: 500,
    headers: [
      ['Content-Type', 'application/json'],
      ['Content-Length', String(Buffer.byteLength(ERROR_BODY))],
    ],
    reads: [
      {
        at: 8.25,
        bytes: text(
          `HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(ERROR_BODY)}\r\n\r\n${ERROR_BODY}`,
        ),
      },
    ],
  }),
  exchange('cafebabecafebabe', {
    reads: streamReads([`${STREAM_DATA[0]}\n\n`, `${STREAM_DATA[1]?.slice(0, 90)}`], STREAM_HEAD).slice(0, 3),
    end: { kind: 'reset', detail: 'ECONNRESET' },
  }),
]

export function finding(id: string, over: Partial<Finding> = {}): Finding {
  return {
    id,
    by: 'documented',
    expected: '1 chunk with usage and choices: []',
    got: 'usage on the chunk that carries finish_reason',
    at: { exchange: 'a1b2c3d4e5f60718', part: 'body' },
    ...over,
  }
}

export function verdict(id: string, over: Partial<VerdictLine> = {}): VerdictLine {
  return {
    type: 'verdict',
    id,
    kind: 'check',
    title: `The title of ${id}`,
    verdict: 'pass',
    level: 'must',
    message: '',
    requirements: [],
    fix: '',
    findings: [],
    exchanges: [],
    ...over,
  }
}

const usageAt = Buffer.from(STREAM_BODY).indexOf('"usage"')
const USAGE: VerdictLine = verdict('openai-chat/stream/usage-chunk', {
  title: 'stream_options.include_usage adds one last chunk with usage and empty choices',
  verdict: 'fail',
  message: 'The usage chunk is not the last one: clients that stop reading at finish_reason count no tokens.',
  requirements: [
    {
      id: 'OAI-CHAT-stream-usage',
      text: 'With include_usage an additional chunk comes before data: [DONE]; its choices are always an empty array.',
      source: 'openai-node@7.57.0 resources/chat/completions.d.ts:1204',
      level: 'must',
    },
  ],
  fix: 'Send one extra chunk with choices: [] and usage, just before data: [DONE].',
  findings: [
    finding('openai-chat/stream/usage-chunk', {
      why: 'Billing that reads the last chunk sees no usage at all.',
      at: {
        exchange: 'a1b2c3d4e5f60718',
        part: 'body',
        offset: usageAt,
        length: 7,
        pointer: '/usage',
        event: 2,
      },
    }),
  ],
  exchanges: ['a1b2c3d4e5f60718'],
})

const REFUSAL: VerdictLine = verdict('openai-chat/errors/unknown-model', {
  title: 'An unknown model is refused with a 4xx and the error envelope',
  verdict: 'fail',
  message: 'Status 500 \u001b[2Jand a bare string ]]> instead of the envelope\u0000.',
  requirements: [
    {
      id: 'TH-ERR-model-not-found',
      text: 'A model that does not exist gives 404 and type invalid_request_error.',
      source: 'tokenhub-intl.txt:812',
      level: 'must',
    },
  ],
  fix: 'Answer 404 with {"error":{"message","type","code"}} and keep upstream addresses out of it.',
  findings: [
    finding('openai-chat/errors/unknown-model', {
      expected: 'a 4xx status',
      got: '500',
      at: { exchange: '0badc0de0badc0de', part: 'status' },
    }),
    finding('openai-chat/errors/unknown-model', {
      by: 'client:openai-node',
      expected: 'error: an object with a message',
      got: '"upstream \u001b[31mrefused\u001b[0m at 10.0.0.7:8443\u202egnp"',
      at: {
        exchange: '0badc0de0badc0de',
        part: 'body',
        offset: 9,
        length: Buffer.byteLength(ERROR_BODY) - 10,
        pointer: '/error',
      },
    }),
  ],
  exchanges: ['0badc0de0badc0de'],
})

const CUT: VerdictLine = verdict('http/framing/complete', {
  kind: 'rule',
  title: 'A response comes to the end that its framing promises',
  verdict: 'fail',
  requirements: [],
  fix: 'Let the proxy pass the whole upstream stream; look for an idle timeout between the two.',
  findings: [
    finding('http/framing/complete', {
      by: 'official',
      expected: 'the last chunk (0 CRLF CRLF)',
      got: 'a reset connection',
      at: { exchange: 'cafebabecafebabe', part: 'end' },
    }),
  ],
  exchanges: ['cafebabecafebabe'],
})

const field = (path: string, documented: FieldFate['documented'], observed: FieldFate['observed']) => ({
  field: { path, documented, observed },
})

export const VERDICTS: VerdictLine[] = [
  verdict('openai-chat/reply/plain', { title: 'A plain request gets a plain reply' }),
  USAGE,
  REFUSAL,
  CUT,
  verdict('openai-chat/headers/request-id', {
    verdict: 'warn',
    level: 'may',
    message: 'No x-request-id: a support ticket has nothing to name.',
    findings: [
      finding('openai-chat/headers/request-id', {
        by: 'should',
        expected: 'x-request-id',
        got: 'nothing',
        at: { exchange: 'a1b2c3d4e5f60718', part: 'head' },
      }),
    ],
  }),
  verdict('openai-chat/tools/parallel', {
    verdict: 'inconclusive',
    message: 'The model never called two tools in one turn.',
    elicited: { tries: 3, shown: 0 },
  }),
  ...['arguments', 'fragments', 'replay'].map((point) =>
    verdict(`openai-chat/tools/${point}`, {
      verdict: 'skip',
      message: 'blocked by openai-chat/tools/parallel',
      skip: { reason: 'blocked', by: 'openai-chat/tools/parallel' },
    }),
  ),
  verdict('access/keys/expired', {
    verdict: 'skip',
    message: 'No key with the role expired is configured.',
    skip: { reason: 'unavailable' },
  }),
  verdict('access/keys/free', {
    verdict: 'skip',
    level: 'may',
    message: 'The configuration sets the role free to none.',
    skip: { reason: 'chosen' },
  }),
  verdict('openai-chat/fields/logit_bias', {
    verdict: 'fail',
    ...field('logit_bias', 'honoured', 'ignored'),
  }),
  verdict('openai-chat/fields/seed', {
    verdict: 'warn',
    level: 'may',
    message: 'Documented as ignored, but it is honoured: the document is out of date.',
    ...field('seed', 'ignored', 'honoured'),
  }),
  ...['model', 'messages', 'max_tokens', 'stop', 'n', 'stream', 'tools'].map((path) =>
    verdict(`openai-chat/fields/${path}`, field(path, 'honoured', 'honoured')),
  ),
  ...['user', 'temperature'].map((path) =>
    verdict(`openai-chat/fields/${path}`, field(path, 'honoured', 'unobservable')),
  ),
  verdict('openai-chat/fields/response_format.json_schema.schema', {
    level: 'may',
    ...field('response_format.json_schema.schema', 'undocumented', 'accepted'),
  }),
]

export const RUN: RunLine = {
  type: 'run',
  schema: 'assay/record/1',
  assay: '0.1.0',
  node: 'v24.1.0',
  startedAt: '2026-11-22T01:38:00.000Z',
  seed: 7,
  target: {
    url: 'https://gateway.example.test/v1',
    embedded: false,
    dialects: ['openai-chat'],
    model: 'ref-large',
  },
  profile: { id: 'tokenhub-intl', title: 'TokenHub international' },
  options: { level: 'may' },
  digests: { profile: '11', schemas: '22', checks: '33' },
  plan: { checks: 22, requests: 4, tokens: 3000 },
}

export const SUMMARY: SummaryLine = {
  type: 'summary',
  at: '2026-11-22T01:38:04.200Z',
  totals: totalsOf(VERDICTS),
  cost: { requests: 3, tokens: 1234, seconds: 4.2 },
  exit: 1,
}

export function totalsOf(verdicts: VerdictLine[]): SummaryLine['totals'] {
  const totals = { pass: 0, fail: 0, warn: 0, inconclusive: 0, skip: 0, error: 0 }
  for (const line of verdicts) totals[line.verdict] += 1
  return totals
}

/** All lines of the sample, in the order of a run. */
export function sampleLines(): RecordLine[] {
  return [RUN, ...EXCHANGES.map((e) => ({ type: 'exchange' as const, exchange: e })), ...VERDICTS, SUMMARY]
}

/** A record of the sample's run with other verdicts or another exit status. */
export function sampleRecord(verdicts: VerdictLine[] = VERDICTS, exit = 1): RunRecord {
  return {
    run: RUN,
    resumes: [],
    exchanges: new Map(EXCHANGES.map((e) => [e.digest, e])),
    verdicts,
    summary: { ...SUMMARY, totals: totalsOf(verdicts), exit },
    complete: true,
  }
}

/** The same record, of a run that was killed before its summary. */
export function killedRecord(verdicts: VerdictLine[] = VERDICTS): RunRecord {
  const { summary: _, ...rest } = sampleRecord(verdicts)
  return { ...rest, complete: false }
}
