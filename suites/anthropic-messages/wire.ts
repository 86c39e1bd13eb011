import type { Check, Ground } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import { observed, served } from './access.ts'
import { ask, PLAIN } from './ask.ts'
import { onlyObserved } from './observed.ts'
import type { MessagesView } from './view.ts'

type Headers = Record<string, string | null>

/** The headers that a published client sends on its own, beside those that assay sends anyway. */
const WIRE: Record<string, { title: string; requirements: string[]; headers: Headers }> = {
  'anthropic-node-1': {
    title: 'The request of @anthropic-ai/sdk 1.x (Authorization, version 2026-10-21) is served',
    requirements: ['TH-ANT-SDK-node', 'TH-ANT-AUTH-bearer'],
    headers: {
      'anthropic-version': '2026-10-21',
      authorization: 'Bearer $key',
      'x-api-key': null,
      'user-agent': 'Anthropic/JS 1.12.0',
      'x-stainless-lang': 'js',
      'x-stainless-runtime': 'node',
      'x-stainless-retry-count': '0',
      'x-stainless-timeout': '600',
    },
  },
  'anthropic-node-0': {
    title: 'The request of @anthropic-ai/sdk 0.x (x-api-key, version 2023-06-01) is served',
    requirements: ['TH-ANT-SDK-node', 'TH-ANT-AUTH-x-api-key'],
    headers: {
      'anthropic-version': '2023-06-01',
      authorization: null,
      'x-api-key': '$key',
      'user-agent': 'Anthropic/JS 0.137.0',
      'x-stainless-lang': 'js',
      'x-stainless-runtime': 'node',
      'x-stainless-retry-count': '0',
      'x-stainless-timeout': '600',
    },
  },
  'anthropic-python': {
    title: 'The request of anthropic-python is served',
    requirements: ['TH-ANT-SDK-python'],
    headers: {
      'anthropic-version': '2023-06-01',
      authorization: null,
      'x-api-key': '$key',
      'user-agent': 'Anthropic/Python 0.75.0',
      'x-stainless-lang': 'python',
      'x-stainless-async': 'false',
      'x-stainless-retry-count': '0',
      'x-stainless-read-timeout': '600',
      'x-stainless-stream-helper': 'messages',
    },
  },
}

/** The requests of published clients, as they go over the wire, and the addresses that clients call. */
export function wire({ promise }: Ground): Check<MessagesView>[] {
  const beta = `${promise.path}?beta=true`
  return [
    ...Object.entries(WIRE).map(([name, { title, requirements, headers }]) => ({
      id: `anthropic-messages/access/${name}`,
      title,
      requirements,
      fix: 'Do not let acceptance depend on User-Agent, Accept, x-stainless headers or the place of the key.',
      needs: ['anthropic-messages/plain/reply', 'anthropic-messages/plain/stream'],
      expects: 'any' as const,
      ask: { stream: [ask({ stream: true }, { headers })] },
      judge: ({ stream }: { stream?: MessagesView }) => served(stream!),
    })),
    {
      id: 'anthropic-messages/addresses/beta-query',
      title: 'The address with ?beta=true is served like the one without',
      requirements: ['ANT-QUERY-beta', 'TH-ANT-CC-base-url'],
      fix: 'Match the path, not the whole address.',
      needs: ['anthropic-messages/plain/reply'],
      expects: 'any',
      ask: { reply: [{ ...ask(), path: beta }] },
      judge: ({ reply }) => served(reply!),
    },
    {
      id: 'anthropic-messages/addresses/responses',
      title: 'The Responses address answers or refuses, never with a 5xx (recorded only)',
      requirements: ['TH-MODEL-INTL-OLD-two-protocols'],
      fix: 'Answer 404 with the envelope where a dialect is not offered.',
      expects: 'any',
      ask: {
        reply: [
          {
            dialect: 'anthropic-messages',
            path: promise.path.replace(/messages$/, 'responses'),
            body: { model: '$model', input: PLAIN, max_output_tokens: 16 },
          },
        ],
      },
      judge: ({ reply }) => onlyObserved(reply!, 'POST /v1/responses'),
    },
    {
      id: 'anthropic-messages/addresses/claude-code',
      title: 'The addresses that Claude Code calls are answered or refused, never with a 5xx (recorded only)',
      requirements: ['TH-ANT-CC-base-url', 'TH-ANT-CC-base-url-old', 'TPE-CLIENT-tools'],
      fix: 'Answer HEAD / harmlessly; match the path of Messages without its query.',
      expects: 'any',
      ask: {
        [`POST ${beta}`]: [{ ...ask(), path: beta }],
        'HEAD /': [head('/')],
      },
      *judge(asked) {
        for (const [what, view] of Object.entries(asked)) yield* observed(view, what)
      },
    },
  ]
}

function head(path: string): Probe {
  return { dialect: 'anthropic-messages', method: 'HEAD', path }
}
