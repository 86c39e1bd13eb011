import type { DialectPromise, Profile } from '../../specs/types.ts'
import type { Dialect } from '../../suites/core/check.ts'
import { finding } from '../../suites/core/check.ts'
import type { Probe } from '../../suites/core/probe.ts'
import { HttpView } from '../../suites/core/read-view.ts'
import { securityRules } from '../../suites/rules/security.ts'

/**
 * A protocol that nobody speaks, for what the command line does with two dialects: the core knows of it no more than of
 * any other. It is at another address than the first one, has a version, and takes its key in two forms.
 */
export const MADE = 'made-echo'
const PATH = '/v2/echo'
/** Held by the profile `openai`. */
const REQUIREMENTS = ['OAI-CHAT-endpoint']

const echo = (more: Partial<Probe> = {}): Probe => ({
  dialect: MADE,
  body: { model: '$model', say: 'OK' },
  ...more,
})

function check(point: string, reply: Probe, expects: 'success' | 'any' = 'success') {
  return {
    id: `${MADE}/${point}`,
    title: `The made check ${point} is answered with 200`,
    requirements: REQUIREMENTS,
    fix: 'Answer 200.',
    expects,
    ask: { reply: [reply] },
    *judge({ reply: view }: { reply?: HttpView }) {
      if (view!.status !== 200) yield finding(view!.statusPlace, '200', view!.status)
    },
  }
}

export const madeEcho: Dialect = {
  id: MADE,
  view: (exchange) => new HttpView(exchange),
  checks: () => [
    check('plain/reply', echo(), 'any'),
    check('plain/stream', echo({ body: { model: '$model', say: 'OK', stream: true } })),
    check('access/other-form', echo({ headers: { authorization: 'Bearer $key', 'x-made-key': null } })),
    check('access/both-forms', echo({ headers: { authorization: 'Bearer $key' } })),
    check('access/none', echo({ keyRole: 'none', headers: { authorization: 'Bearer $key' } })),
    check('access/wrong', echo({ keyRole: 'wrong', headers: { authorization: 'Bearer $key' } })),
  ],
  rules: () => securityRules(MADE),
  succeeded: (view) => view.status === 200,
  tokens: () => 7,
  plain: { reply: `${MADE}/plain/reply`, stream: `${MADE}/plain/stream` },
}

const promise: DialectPromise = {
  base_urls: [{ url: 'https://made.example/echo' }],
  path: PATH,
  version: '2026-01-01',
  headers: { 'made-version': '2026-01-01' },
  auth: { header: 'x-made-key', also: [{ header: 'authorization', scheme: 'Bearer' }] },
  limit_field: 'most',
  fields: {},
  undocumented: 'observed',
  response: {},
  chunk: {},
  errors: {},
  clients: [],
}

/** A profile that promises the made dialect beside its own. */
export function withMade(profile: Profile): Profile {
  return { ...profile, id: 'made', bases: [profile.id], dialects: { ...profile.dialects, [MADE]: promise } }
}
