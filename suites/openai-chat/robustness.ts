import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { endWords } from '../core/conversation.ts'
import type { Probe } from '../core/probe.ts'
import { chat, PLAIN } from './ask.ts'
import { CLEAN } from './finish.ts'
import type { ChatView } from './view.ts'

/** Levels of nesting that no reader need take. */
const DEEP = 100_000

const BODY = JSON.stringify({
  model: '$model',
  messages: [{ role: 'user', content: PLAIN }],
  $limit: 16,
})

const raw = (headers: Record<string, string>): Probe => ({
  dialect: 'openai-chat',
  wire: 'raw',
  repeat: { head: BODY, unit: '', times: 0, tail: '' },
  // What is sent by hand has a connection of its own.
  headers: { connection: 'close', ...headers },
})

/** Answered, or refused with a 4xx: never a 5xx, and never silence. */
function* clean(view: ChatView, what: string): Iterable<Outcome> {
  const requirement = CLEAN
  if (view.status === 0) {
    yield finding(view.endPlace, `an answer to ${what}`, endWords(view.exchange.end), { requirement })
  } else if (view.status >= 500)
    yield finding(view.statusPlace, `200 or a 4xx for ${what}`, `status ${view.status}`, { requirement })
  else yield note(view.statusPlace, `${what}: status ${view.status}`)
}

/** Requests that are odd on the wire, sent by hand. */
export const robustness: Check<ChatView>[] = [
  {
    id: 'openai-chat/robustness/expect-continue',
    title: 'A request with Expect: 100-continue is answered',
    requirements: ['HTTP-expect-continue'],
    fix: 'Send 100 Continue, or the final answer, at once.',
    expects: 'any',
    ask: { reply: [raw({ expect: '100-continue' })] },
    *judge({ reply }) {
      if (reply!.status === 417)
        yield finding(reply!.statusPlace, 'status 200', 'status 417', { by: 'should' })
      else if (!reply!.succeeded) {
        yield finding(reply!.statusPlace, 'status 200', reply!.status || reply!.exchange.end.kind)
      }
    },
  },
  {
    id: 'openai-chat/robustness/bad-content-length',
    title: 'A request whose Content-Length is no number is refused',
    requirements: ['HTTP-bad-content-length'],
    fix: 'Answer 400 and close the connection.',
    expects: 'any',
    ask: { reply: [raw({ 'content-length': 'twelve' })] },
    *judge({ reply }) {
      const { status, exchange } = reply!
      if (status === 0 && (exchange.end.kind === 'truncated' || exchange.end.kind === 'reset')) {
        yield note(reply!.endPlace, 'the connection was closed without an answer')
      } else if (status < 400 || status > 499) {
        yield finding(
          status === 0 ? reply!.endPlace : reply!.statusPlace,
          'status 400',
          status || exchange.end.kind,
        )
      } else if (status !== 400) {
        yield finding(reply!.statusPlace, 'status 400', `status ${status}`, { by: 'should' })
      }
    },
  },
  {
    id: 'openai-chat/robustness/deep-json',
    title: `A body nested ${DEEP.toLocaleString('en')} deep is refused or answered, never with a 5xx or silence`,
    requirements: ['JSON-depth'],
    fix: 'Bound the depth of nesting; answer 400.',
    expects: 'any',
    ask: {
      reply: [
        {
          dialect: 'openai-chat',
          repeat: {
            head: `{"model":"$model","$limit":16,"messages":[{"role":"user","content":"${PLAIN}"}],"x_depth":${'['.repeat(1000)}`,
            unit: '['.repeat(1000),
            times: DEEP / 1000 - 1,
            tail: `${']'.repeat(DEEP)}}`,
          },
        },
      ],
    },
    judge: ({ reply }) => clean(reply!, 'a deeply nested body'),
  },
  {
    id: 'openai-chat/robustness/duplicate-names',
    title: 'A body with a name that stands twice is answered or refused, never with a 5xx',
    requirements: ['JSON-unique-names'],
    fix: 'Take the last value, or answer 400.',
    expects: 'any',
    ask: {
      reply: [
        {
          dialect: 'openai-chat',
          repeat: { head: `${BODY.slice(0, -1)},"$limit":16}`, unit: '', times: 0, tail: '' },
        },
      ],
    },
    judge: ({ reply }) => clean(reply!, 'a name twice'),
  },
]

/** Addresses that a document leaves open: what stands there is recorded. */
export const addresses: Check<ChatView>[] = [
  {
    id: 'openai-chat/addresses/responses',
    title: 'The Responses address answers for models that have it',
    requirements: ['TH-OAI-EP-responses'],
    fix: 'Serve POST {base}/responses for the models of the table.',
    expects: 'any',
    ask: {
      reply: [
        {
          dialect: 'openai-chat',
          path: '/responses',
          body: { model: '$model', input: PLAIN, max_output_tokens: 16 },
        },
      ],
    },
    *judge({ reply }) {
      const { value } = reply!.json
      const right =
        typeof value === 'object' && value !== null && !Array.isArray(value) && value.object === 'response'
      if (reply!.status !== 200) yield finding(reply!.statusPlace, 'status 200', `status ${reply!.status}`)
      else if (!right) yield finding(reply!, 'an object with object: response', reply!.text)
    },
  },
  {
    id: 'openai-chat/addresses/other-dialects',
    title: 'Addresses of dialects that clients named by the document speak are answered or refused cleanly',
    requirements: ['PT-CLIENT-codex', 'PT-CLIENT-claude-code'],
    fix: 'Answer 404 with the envelope where a dialect is not offered.',
    expects: 'any',
    ask: {
      responses: [
        {
          dialect: 'openai-chat',
          path: '/responses',
          body: { model: '$model', input: PLAIN, max_output_tokens: 16 },
        },
      ],
      messages: [{ ...chat({}, { limit: 8 }), path: '/messages' }],
      nested: [{ ...chat({}, { limit: 8 }), path: '/v1/messages' }],
    },
    *judge({ responses, messages, nested }) {
      yield* clean(responses!, 'POST {base}/responses')
      yield* clean(messages!, 'POST {base}/messages')
      yield* clean(nested!, 'POST {base}/v1/messages')
    },
  },
]
