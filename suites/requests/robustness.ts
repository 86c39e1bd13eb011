import { type Check, finding, note } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'
import { onlyObserved } from './clean.ts'

/** Levels of nesting that no reader need take. */
const DEEP = 100_000

/** Requests that are odd on the wire, sent by hand: the plain request of a dialect, whose one user turn is `prompt`. */
export function robustness(dialect: string, prompt: string): Check<StreamView>[] {
  const body = JSON.stringify({ model: '$model', messages: [{ role: 'user', content: prompt }], $limit: 16 })
  const raw = (headers: Record<string, string>): Probe => ({
    dialect,
    wire: 'raw',
    repeat: { head: body, unit: '', times: 0, tail: '' },
    // What is sent by hand has a connection of its own.
    headers: { connection: 'close', ...headers },
  })
  return [
    {
      id: `${dialect}/robustness/expect-continue`,
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
      id: `${dialect}/robustness/bad-content-length`,
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
      id: `${dialect}/robustness/deep-json`,
      title: `A body nested ${DEEP.toLocaleString('en')} deep is refused or answered, never with a 5xx or silence`,
      requirements: ['JSON-depth'],
      fix: 'Bound the depth of nesting; answer 400.',
      expects: 'any',
      ask: {
        reply: [
          {
            dialect,
            repeat: {
              head: `{"model":"$model","$limit":16,"messages":[{"role":"user","content":"${prompt}"}],"x_depth":${'['.repeat(1000)}`,
              unit: '['.repeat(1000),
              times: DEEP / 1000 - 1,
              tail: `${']'.repeat(DEEP)}}`,
            },
          },
        ],
      },
      judge: ({ reply }) => onlyObserved(reply!, 'a deeply nested body'),
    },
    {
      id: `${dialect}/robustness/duplicate-names`,
      title: 'A body with a name that stands twice is answered or refused, never with a 5xx',
      requirements: ['JSON-unique-names'],
      fix: 'Take the last value, or answer 400.',
      expects: 'any',
      ask: {
        reply: [
          {
            dialect,
            repeat: { head: `${body.slice(0, -1)},"$limit":16}`, unit: '', times: 0, tail: '' },
          },
        ],
      },
      judge: ({ reply }) => onlyObserved(reply!, 'a name twice'),
    },
  ]
}
