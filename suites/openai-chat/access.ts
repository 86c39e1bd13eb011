import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { endWords, unsuccessful } from '../core/conversation.ts'
import type { Probe } from '../core/probe.ts'
import { jsonForms } from '../requests/json-texts.ts'
import { untilLimited } from '../requests/until-limited.ts'
import { chat } from './ask.ts'
import type { ChatView } from './view.ts'

const STREAM = chat({ stream: true })
const withHeaders = (headers: Record<string, string | null>): Probe => ({ ...STREAM, headers })

function* served(view: ChatView): Iterable<Outcome> {
  if (!view.succeeded) yield unsuccessful(view)
}

/** The headers that a published client sends on its own, beside those that assay sends anyway. */
const WIRE: Record<
  string,
  { title: string; requirements: string[]; headers: Record<string, string | null> }
> = {
  'openai-python': {
    title: 'openai-python’s own request is served, whole and streamed',
    requirements: ['TH-OAI-SDK-python'],
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'OpenAI/Python 2.8.1',
      'x-stainless-lang': 'python',
      'x-stainless-async': 'false',
      'x-stainless-retry-count': '0',
      'x-stainless-read-timeout': '600',
    },
  },
  'openai-node': {
    title: 'openai-node’s own request is served, whole and streamed',
    requirements: ['OAI-CHAT-sdk-node', 'TH-OAI-SDK-node'],
    headers: {
      accept: 'application/json',
      'user-agent': 'OpenAI/JS 7.57.0',
      'x-stainless-lang': 'js',
      'x-stainless-runtime': 'node',
      'x-stainless-retry-count': '0',
      'x-stainless-timeout': '600',
    },
  },
  'python-requests': {
    title: 'The request of Python’s requests is served, whole and streamed',
    requirements: ['PT-CLIENT-python-requests'],
    headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'python-requests/2.32.5' },
  },
  'java-httpclient': {
    title: 'The request of the JDK’s HttpClient (no Accept, no content type parameter) is served',
    requirements: ['PT-CLIENT-java-httpclient'],
    headers: { accept: null, 'user-agent': 'Java-http-client/17.0.15' },
  },
  'node-fetch': {
    title: 'The request of Node’s fetch is served, whole and streamed',
    requirements: ['PT-CLIENT-node-fetch'],
    headers: {
      accept: '*/*',
      'accept-language': '*',
      'sec-fetch-mode': 'cors',
      'user-agent': 'node',
      'accept-encoding': 'identity',
    },
  },
}

function wire(): Check<ChatView>[] {
  return Object.entries(WIRE).map(([name, { title, requirements, headers }]) => ({
    id: `openai-chat/access/${name}`,
    title,
    requirements,
    fix: 'Do not let acceptance depend on User-Agent, Accept or x-stainless headers.',
    needs: ['openai-chat/plain/reply', 'openai-chat/plain/stream'],
    expects: 'any',
    ask: { whole: [{ ...chat(), headers }], stream: [withHeaders(headers)] },
    *judge({ whole, stream }) {
      yield* served(whole!)
      yield* served(stream!)
      const total = whole!.usage?.total
      if (name === 'java-httpclient' && whole!.succeeded && total === undefined) {
        yield finding(
          whole!.pointed('/usage'),
          'usage.total_tokens: an integer, which the sample reads',
          total,
        )
      }
    },
  }))
}

function tellsLimits(view: ChatView): boolean {
  return view.exchange.headers.some(([name]) => /^x-ratelimit-/i.test(name))
}

const LIMITED = untilLimited((fresh) => chat({}, { keyRole: 'limited', limit: 1, fresh }))

/** What a key in a special state must be answered with. */
function keyState(
  name: string,
  role: 'exhausted' | 'revoked' | 'expired',
  status: number,
  requirements: string[],
  softer?: true,
): Check<ChatView> {
  return {
    id: `openai-chat/access/${name}`,
    title: `A key that is ${role} is refused with ${status}`,
    requirements,
    fix: `Answer ${status} with the envelope.`,
    expects: 'any',
    ask: { reply: [chat({}, { keyRole: role, limit: 1 })] },
    *judge({ reply }) {
      if (reply!.status >= 200 && reply!.status < 300) {
        yield finding(reply!.statusPlace, `status ${status}`, `status ${reply!.status}`)
      } else if (reply!.status === 0) {
        yield finding(reply!.endPlace, `status ${status}`, endWords(reply!.exchange.end))
      } else if (reply!.status !== status) {
        const by = softer && reply!.status < 500 ? 'should' : 'documented'
        yield finding(reply!.statusPlace, `status ${status}`, `status ${reply!.status}`, { by })
      }
    },
  }
}

export const access: Check<ChatView>[] = [
  ...wire(),
  {
    id: 'openai-chat/access/accept',
    title: 'A stream is answered as an event stream whatever Accept says',
    requirements: ['OAI-CHAT-accept-any', 'TH-OAI-CLIENT-okhttp-accept'],
    fix: 'Let stream decide, not Accept: the official clients send application/json for both.',
    needs: ['openai-chat/plain/stream'],
    expects: 'any',
    ask: {
      json: [STREAM],
      events: [withHeaders({ accept: 'text/event-stream' })],
      any: [withHeaders({ accept: '*/*' })],
      none: [withHeaders({ accept: null })],
    },
    *judge(asked) {
      for (const view of Object.values(asked)) yield* served(view)
    },
  },
  {
    id: 'openai-chat/access/json-charset',
    title: 'Content-Type application/json; charset=utf-8 is accepted',
    requirements: ['TH-OAI-HDR-content-type', 'PT-HDR-content-type', 'OAI-CHAT-endpoint'],
    fix: 'Compare the media type without its parameters.',
    expects: 'any',
    ask: { reply: [{ ...chat(), headers: { 'content-type': 'application/json; charset=utf-8' } }] },
    *judge({ reply }) {
      if (reply!.succeeded) return
      const found = unsuccessful(reply!)
      yield { ...found, requirement: 'TH-OAI-HDR-content-type' }
    },
  },
  jsonForms('openai-chat'),
  {
    id: 'openai-chat/access/scheme-case',
    title: 'The scheme word Bearer is taken in any case (recorded only)',
    requirements: ['TH-OAI-AUTH-bearer'],
    fix: 'Compare the scheme without regard to case (RFC 9110, 11.1).',
    expects: 'any',
    ask: { reply: [{ ...chat(), headers: { authorization: 'bearer $key' } }] },
    *judge({ reply }) {
      yield note(reply!.statusPlace, `bearer in lower case: status ${reply!.status}`)
    },
  },
  {
    id: 'openai-chat/access/rate-limit',
    title: 'Over its limit a key is answered with 429 and the error envelope',
    requirements: ['OAI-CHAT-error-429', 'PT-RATE-429', 'PT-ERR-429', 'PT-RATE-token-limit'],
    fix: 'Answer 429 with the envelope and a Retry-After in whole seconds.',
    expects: 'any',
    ask: { reply: LIMITED },
    *judge({ reply }) {
      if (reply!.status === 200) {
        yield { inconclusive: `${reply!.turns.length} requests with the limited key, none refused` }
      } else if (reply!.status !== 429) {
        yield finding(reply!.statusPlace, 'status 429', `status ${reply!.status}`)
      }
    },
  },
  {
    id: 'openai-chat/access/retry-after',
    title: 'A 429 says when to ask again, and the limits where other answers tell them',
    requirements: ['OAI-CHAT-error-retry-after'],
    fix: 'Send Retry-After with a 429: whole seconds, 1 or more; and the x-ratelimit headers of all other answers.',
    needs: ['openai-chat/access/rate-limit'],
    expects: 'any',
    ask: { reply: LIMITED },
    *judge({ reply }) {
      if (reply!.status !== 429) yield { inconclusive: 'no request was refused with 429' }
      else if (reply!.header('retry-after') === undefined) {
        yield finding(reply!.statusPlace, 'a Retry-After header', 'none', { by: 'should' })
      } else if (
        !tellsLimits(reply!) &&
        reply!.turns.some((turn) => turn.status === 200 && tellsLimits(turn))
      ) {
        yield finding(reply!.statusPlace, 'x-ratelimit headers, as on other answers', 'none', {
          by: 'should',
        })
      }
    },
  },
  {
    id: 'openai-chat/access/model-scope',
    title: 'A key that is bound to other models is refused this one',
    requirements: ['PT-KEY-model-scope'],
    fix: 'Answer 403 with the envelope.',
    expects: 'any',
    ask: { reply: [chat({}, { keyRole: 'restricted', limit: 1 })] },
    *judge({ reply }) {
      if (reply!.status < 400 || reply!.status > 499) {
        yield finding(reply!.statusPlace, 'a 4xx status', `status ${reply!.status}`)
      }
    },
  },
  {
    id: 'openai-chat/access/context-cap',
    title: 'A free key with a prompt of 6,000 tokens is refused cleanly, or served',
    requirements: ['PT-CTX-free'],
    fix: 'Answer a 4xx with the envelope; never cut the prompt in silence.',
    expects: 'any',
    ask: {
      reply: [
        chat(
          {},
          {
            keyRole: 'free',
            limit: 8,
            prompt: `${'The quick brown fox jumps. '.repeat(1000)}Reply with the single word OK.`,
          },
        ),
      ],
    },
    *judge({ reply }) {
      if (reply!.status >= 500 || reply!.status === 0) {
        yield finding(reply!.statusPlace, '200 or a 4xx', `status ${reply!.status}`)
      } else yield note(reply!.statusPlace, `status ${reply!.status}, prompt_tokens ${reply!.usage?.prompt}`)
    },
  },
  keyState('exhausted-key', 'exhausted', 402, ['PT-ERR-402']),
  keyState('revoked-key', 'revoked', 401, ['PT-KEY-revoke'], true),
  keyState('expired-key', 'expired', 401, ['PT-KEY-expiry'], true),
]
