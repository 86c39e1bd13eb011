import { type Check, finding, type Ground } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import { observed, served } from './access.ts'
import { ask } from './ask.ts'
import { refusedWith400 } from './observed.ts'
import type { MessagesView } from './view.ts'

/** No version of the API. */
const NO_VERSION = '2019-13-99'
/** A feature that there is, and one that never was. */
const BETA = 'prompt-caching-2024-07-31'
const NO_BETA = 'assay-no-such-feature-2019-13-99'

type Headers = Record<string, string | null>
const withHeaders = (headers: Headers, fields = {}): Probe => ask(fields, { headers })
const version = (value: string | null): Probe => withHeaders({ 'anthropic-version': value })

/** Headers of a request: each as the profile says. */
export function headers({ level }: Ground): Check<MessagesView>[] {
  return [...checks, charset(level(CHARSET) !== undefined)]
}

/** Rows that speak of parameters; the older page of TokenHub shows the bare type. */
const CHARSET = ['ANT-HDR-content-type', 'TH-ANT-HDR-content-type']

function charset(promised: boolean): Check<MessagesView> {
  return {
    id: 'anthropic-messages/headers/json-charset',
    title: `Content-Type application/json; charset=utf-8 is accepted${promised ? '' : ' (recorded only)'}`,
    requirements: [...CHARSET, 'TH-ANT-HDR-content-type-old'],
    fix: 'Compare the media type without its parameters.',
    needs: ['anthropic-messages/plain/reply'],
    expects: 'any',
    ask: { reply: [withHeaders({ 'content-type': 'application/json; charset=utf-8' })] },
    judge: ({ reply }) => (promised ? served(reply!) : observed(reply!, 'charset=utf-8')),
  }
}

const checks: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/headers/version-absent',
    title: 'A request without anthropic-version is refused with 400',
    requirements: ['ANT-HDR-version-required'],
    fix: 'Answer 400 invalid_request_error; a version that is assumed changes under the client’s feet.',
    expects: 'any',
    ask: { reply: [version(null)] },
    judge: ({ reply }) => refusedWith400(reply!, 'no anthropic-version', { by: 'official', atMost: 'warn' }),
  },
  {
    id: 'anthropic-messages/headers/version-unknown',
    title: 'A request under a version that does not exist is refused with 400',
    requirements: ['ANT-HDR-version-unknown'],
    fix: 'Answer 400 invalid_request_error.',
    expects: 'any',
    ask: { reply: [version(NO_VERSION)] },
    judge: ({ reply }) =>
      refusedWith400(reply!, `anthropic-version ${NO_VERSION}`, { by: 'official', atMost: 'warn' }),
  },
  {
    id: 'anthropic-messages/headers/version-ignored',
    title: 'anthropic-version has no effect: absent, of either version, or odd, the request is served',
    requirements: ['TH-ANT-HDR-anthropic-version'],
    fix: 'Do not look at anthropic-version.',
    needs: ['anthropic-messages/plain/reply'],
    expects: 'any',
    ask: {
      absent: [version(null)],
      older: [version('2023-06-01')],
      newer: [version('2026-10-21')],
      odd: [version(NO_VERSION)],
    },
    *judge(asked) {
      for (const view of Object.values(asked)) yield* served(view)
    },
  },
  {
    id: 'anthropic-messages/headers/beta',
    title: 'anthropic-beta with a feature that the request does not use changes nothing',
    requirements: ['ANT-HDR-beta'],
    fix: 'Take the names of features that you know from the list, and pass over or refuse the others with 400.',
    needs: ['anthropic-messages/plain/reply'],
    expects: 'any',
    ask: {
      known: [withHeaders({ 'anthropic-beta': BETA })],
    },
    judge: ({ known }) => served(known!),
  },
  {
    id: 'anthropic-messages/headers/beta-ignored',
    title: 'anthropic-beta has no effect: with any value the request is served',
    requirements: ['TH-ANT-HDR-anthropic-beta'],
    fix: 'Do not look at anthropic-beta, and do not pass on what the upstream does not know.',
    needs: ['anthropic-messages/plain/reply'],
    expects: 'any',
    ask: {
      known: [withHeaders({ 'anthropic-beta': BETA })],
      odd: [withHeaders({ 'anthropic-beta': `${NO_BETA},,` })],
    },
    *judge(asked) {
      for (const view of Object.values(asked)) yield* served(view)
    },
  },
  {
    id: 'anthropic-messages/headers/ignored-together',
    title: 'All headers that have no effect, in one request: it is served, whole and streamed',
    requirements: ['TH-ANT-HDR-anthropic-version', 'TH-ANT-HDR-anthropic-beta'],
    fix: 'Do not look at these headers.',
    needs: ['anthropic-messages/plain/reply', 'anthropic-messages/plain/stream'],
    expects: 'any',
    ask: {
      reply: [withHeaders({ 'anthropic-version': NO_VERSION, 'anthropic-beta': NO_BETA })],
      stream: [withHeaders({ 'anthropic-version': NO_VERSION, 'anthropic-beta': NO_BETA }, { stream: true })],
    },
    *judge(asked) {
      for (const view of Object.values(asked)) yield* served(view)
    },
  },
  {
    id: 'anthropic-messages/headers/accept',
    title: 'A stream is answered as an event stream whatever Accept says',
    requirements: ['ANT-HDR-accept', 'TH-ANT-CLIENT-okhttp-sse'],
    fix: 'Let stream decide, not Accept: the official clients send application/json for both.',
    needs: ['anthropic-messages/plain/stream'],
    expects: 'any',
    ask: {
      json: [ask({ stream: true })],
      events: [withHeaders({ accept: 'text/event-stream' }, { stream: true })],
    },
    *judge(asked) {
      for (const view of Object.values(asked)) yield* served(view)
    },
  },
  {
    id: 'anthropic-messages/headers/json-label',
    title: 'A whole answer is labelled application/json, in lower case',
    requirements: ['ANT-HDR-json-body'],
    fix: 'Send Content-Type: application/json.',
    ask: { reply: [ask()] },
    *judge({ reply }) {
      const label = reply!.header('content-type') ?? 'none'
      const type = label.split(';')[0]!.trim()
      if (type.includes('application/json') || type.endsWith('+json')) return
      yield finding(reply!.headerPlace('content-type'), 'application/json', label, {
        why: 'The official client compares it as it stands, and gives a text instead of a message.',
      })
    },
  },
]
