import { afterAll, beforeAll, expect } from 'vitest'
import { behaviours } from '../../fixtures/hostile/behaviours.ts'
import { gateway, response } from '../../fixtures/hostile/chat.ts'
import { type Hostile, hostile } from '../../fixtures/hostile/server.ts'
import { BUILD_MS, engine } from '../load-cli/engine.ts'
import { CANARY } from './run.ts'
import { judged } from './table.ts'

let elsewhere: Hostile
beforeAll(async () => {
  await engine()
  elsewhere = await hostile(gateway({}))
}, BUILD_MS)
afterAll(async () => {
  expect(elsewhere.connections).toBe(0)
  await elsewhere.close()
})

const NOBODY = { 'invariants/finished': ['inconclusive', /no request was answered/] } as const
const unreached = { 'invariants/finished': [...NOBODY['invariants/finished']] as ['inconclusive', RegExp] }
/** The whole run would take a minute: it ends as soon as it is clear that nothing can come of it. */
const long = { load: { duration: '60s' } }
const refusal = (message: string) =>
  JSON.stringify({ error: { message, type: 'x', param: null, code: null } })

judged([
  {
    name: 'a name that nobody knows',
    server: 'http://nonexistent.invalid/v1',
    how: { ...long, args: ['--i-may-load', 'nonexistent.invalid'] },
    exit: 3,
    says: unreached,
    complains: /cannot reach nonexistent\.invalid port 80: ENOTFOUND \(.*\)\. The name is not known/,
    rows: /^error \(dns\)$/,
    also: ({ record }) => expect(record.summary?.cost.tokens).toBe(0),
  },
  {
    name: 'a certificate that nobody vouches for',
    server: gateway({}),
    how: { ...long, tls: true },
    exit: 3,
    says: unreached,
    complains: /cannot reach 127\.0\.0\.1 port \d+: SELF_SIGNED_CERT .*name its authority in the config/,
    rows: /^error \(tls\)$/,
    also: (_, server) => expect(server?.requests).toEqual([]),
  },
  {
    name: 'the same certificate, not checked by choice',
    server: gateway({}),
    how: { tls: true, config: { tls: { insecure: true } } },
    exit: 4,
    says: { 'invariants/finished': ['pass', /all 12 answers came/] },
    rows: /^finished$/,
  },
  {
    name: 'a handshake that never ends',
    server: behaviours.neverAnswers,
    how: { load: { duration: '60s', deadlines: { connect: 300 } }, scheme: 'https' },
    exit: 3,
    says: unreached,
    complains: /ETIMEDOUT \(TLS: .*\)\. Nobody answered/,
    rows: /^error \(connect-timeout\)$/,
  },
  {
    name: 'HTTP to a port that speaks TLS',
    server: gateway({}),
    how: { tls: true, scheme: 'http' },
    exit: 1,
    says: { 'invariants/finished': ['fail', /error \((?:closed|garbled|reset)\)/] },
    complains: /none of \d+ requests to 127\.0\.0\.1:\d+ came to its end: .*http:\/\/ and https:\/\//,
  },
  {
    name: 'a key that is not accepted, said back in the refusal',
    server: gateway({
      streams: response(refusal(`bad key ${CANARY}`), {
        status: '401 Unauthorized',
        lines: [`x-key: ${CANARY}`],
      }),
    }),
    how: long,
    exit: 2,
    says: {
      'invariants/finished': ['inconclusive', /requests were refused/],
      'invariants/refusals': ['inconclusive', /nothing was ever let in: 401 \d+ times .*bad key/],
    },
    complains: /every request was refused with 401 \(Unauthorized\).*Is the key right\?.*bad key \*+/,
    rows: /^refused$/,
  },
  {
    name: 'a page instead of the protocol',
    server: (socket) =>
      socket.write(response('<!doctype html><p>Welcome', { type: 'text/html; charset=utf-8' })),
    how: { load: { duration: '60s', caps: { requests: 200 } } },
    exit: 1,
    complains:
      /every answer is text\/html, not the protocol, so the run was stopped early\. Is the path of --url/,
    rows: /^(?:unfinished|stopped.*)$/,
    also: ({ rows }) => expect(rows.length).toBeLessThan(30),
  },
  {
    name: 'a redirect to another origin',
    server: (socket) =>
      socket.write(
        response('', {
          status: '307 Temporary Redirect',
          lines: [`location: ${elsewhere.origin}/v1/chat/completions?key=${CANARY}`],
        }),
      ),
    how: long,
    exit: 2,
    complains:
      /every request was refused with 307 .*Redirects are not followed.* to http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions\?key=\*+/,
    rows: /^refused$/,
  },
  {
    name: 'a 429 storm',
    server: gateway({
      streams: response(refusal('slow down'), {
        status: '429 Too Many Requests',
        lines: ['retry-after: 1', 'retry-after: 20'],
      }),
    }),
    exit: 2,
    says: {
      'invariants/finished': ['inconclusive', /all \d+ requests were refused/],
      'invariants/refusals': ['pass', /all by 429/],
    },
    complains: /none of \d+ requests to .*: 429 \d+ times\. Are the limits of this key used up/,
    rows: /^refused$/,
  },
  {
    name: '500 from the start',
    server: gateway({
      streams: response('out of\n\u001b[31m order\u0007', {
        status: '500 Internal Server Error',
        type: 'text/plain',
      }),
    }),
    exit: 1,
    says: { 'invariants/refusals': ['fail', /500 \d+ times \(the first: out of .*order/] },
    complains: /none of \d+ requests to .*: 500 \d+ times\. The gateway does not serve even this load/,
  },
])
