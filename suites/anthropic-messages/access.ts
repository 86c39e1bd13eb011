import { keyForms } from '../../specs/key-forms.ts'
import type { KeyForm } from '../../specs/types.ts'
import { type Check, finding, type Ground, note, type Outcome } from '../core/check.ts'
import { endWords, unsuccessful } from '../core/conversation.ts'
import type { Probe } from '../core/probe.ts'
import { CLEAN } from '../requests/clean.ts'
import { untilLimited } from '../requests/until-limited.ts'
import { ask } from './ask.ts'
import { onlyObserved } from './observed.ts'
import type { MessagesView } from './view.ts'

/** Not a key, and of no form that a key has. */
const NO_KEY = 'assay-no-key-0000'

const REQUIREMENTS: Record<string, string[]> = {
  'x-api-key': ['ANT-AUTH-x-api-key', 'TH-ANT-AUTH-x-api-key'],
  authorization: ['ANT-AUTH-bearer', 'TH-ANT-AUTH-bearer'],
}

function written({ scheme }: KeyForm, key: string): string {
  return scheme === undefined ? key : `${scheme} ${key}`
}

/** The plain question with the key in one place alone. */
function only(form: KeyForm, { promise }: Ground, more: Pick<Probe, 'keyRole'> = {}): Probe {
  const { header, scheme } = promise.auth
  // In its usual place it is the plain question itself: sent once for both.
  if (form.header === header && form.scheme === scheme) return ask({}, more)
  return ask({}, { ...more, headers: { [header]: null, [form.header]: written(form, '$key') } })
}

/** Keys in every place where they may stand, and keys that may not do what is asked. */
export function access(ground: Ground): Check<MessagesView>[] {
  const forms = keyForms(ground.promise.auth)
  // One form of each header: it can stand in a request only once.
  const apart = forms.filter(({ header }, at) => forms.findIndex((form) => form.header === header) === at)
  const places = Object.fromEntries(apart.map((form) => [form.header, written(form, '$key')]))
  return [
    ...forms.map((form) => place(form, apart.includes(form) ? form.header : nameOf(form), ground)),
    ...(apart.length > 1 ? [both(places), conflicting(apart)] : []),
    ...keyStates,
    {
      id: 'anthropic-messages/access/forms',
      title: 'The key is taken in the forms of the dialect (recorded only)',
      requirements: ['TPE-ANT-auth-undocumented'],
      fix: 'Take the key from x-api-key and from Authorization: Bearer; need no anthropic-version.',
      expects: 'any',
      ask: {
        'x-api-key': [ask({}, { headers: { authorization: null, 'x-api-key': '$key' } })],
        bearer: [ask({}, { headers: { authorization: 'Bearer $key', 'x-api-key': null } })],
        both: [ask({}, { headers: { authorization: 'Bearer $key', 'x-api-key': '$key' } })],
        unversioned: [ask({}, { headers: { 'anthropic-version': null } })],
      },
      *judge(asked) {
        for (const [name, view] of Object.entries(asked)) yield* onlyObserved(view, name)
      },
    },
  ]
}

/** Of a second form of one header: `authorization-token`. */
function nameOf({ header, scheme = 'bare' }: KeyForm): string {
  return `${header}-${scheme.toLowerCase()}`
}

function place(form: KeyForm, point: string, ground: Ground): Check<MessagesView> {
  const name = form.scheme === undefined ? form.header : `${form.header}: ${form.scheme}`
  return {
    id: `anthropic-messages/access/${point}`,
    title: `The key is taken from ${name} alone, and a wrong one there is refused`,
    requirements: [...(REQUIREMENTS[form.header] ?? []), 'SEC-authentication-required'],
    fix: `Read the key from ${name}; answer a wrong one with 401 authentication_error.`,
    needs: ['anthropic-messages/plain/reply'],
    expects: 'any',
    ask: { right: [only(form, ground)], wrong: [only(form, ground, { keyRole: 'wrong' })] },
    *judge({ right, wrong }) {
      if (!right!.succeeded) yield unsuccessful(right!)
      yield* refused(wrong!, 401)
    },
  }
}

/** A key that may not: served is wrong by the documents, another refusal than `status` a warning. */
function* refused(view: MessagesView, status: number): Iterable<Outcome> {
  const wanted = `status ${status}`
  if (view.status === 0) {
    yield finding(view.endPlace, wanted, endWords(view.exchange.end), { requirement: CLEAN })
  } else if (view.status >= 500) {
    yield finding(view.statusPlace, wanted, `status ${view.status}`, { requirement: CLEAN })
  } else if (view.status < 400) yield finding(view.statusPlace, wanted, `status ${view.status}`)
  else if (view.status !== status) {
    yield finding(view.statusPlace, wanted, `status ${view.status}`, { by: 'should' })
  }
}

function both(places: Record<string, string>): Check<MessagesView> {
  return {
    id: 'anthropic-messages/access/both',
    title: 'The same key in x-api-key and in Authorization is served',
    requirements: ['ANT-AUTH-both', 'TH-ANT-AUTH-bearer'],
    fix: 'Accept a request that has the key twice: tools that know both forms send both.',
    needs: ['anthropic-messages/plain/reply'],
    expects: 'any',
    ask: { reply: [ask({}, { headers: places })] },
    *judge({ reply }) {
      if (!reply!.succeeded) yield unsuccessful(reply!)
    },
  }
}

function conflicting(forms: KeyForm[]): Check<MessagesView> {
  const one = (right: KeyForm): Probe =>
    ask(
      {},
      {
        headers: Object.fromEntries(
          forms.map((form) => [form.header, written(form, form === right ? '$key' : NO_KEY)]),
        ),
      },
    )
  return {
    id: 'anthropic-messages/access/conflicting',
    title: 'A right key beside a wrong one is served or refused, never with a 5xx',
    requirements: ['ANT-AUTH-conflicting', 'TH-ANT-AUTH-bearer'],
    fix: 'Let one of the two decide, or answer 401.',
    expects: 'any',
    ask: Object.fromEntries(forms.map((form) => [form.header, [one(form)]])),
    *judge(asked) {
      for (const [header, view] of Object.entries(asked)) {
        yield* onlyObserved(view, `the right key in ${header}, a wrong one beside it`)
      }
    },
  }
}

const keyStates: Check<MessagesView>[] = [
  keyState('restricted', 403, ['ANT-ERR-403', 'TPE-KEY-model-scope']),
  keyState('exhausted', 402, ['ANT-ERR-402']),
  keyState('revoked', 401, ['ANT-ERR-401']),
  keyState('expired', 401, ['ANT-ERR-401']),
  {
    id: 'anthropic-messages/access/rate-limit',
    title: 'Over its limit a key is answered with 429, which says when to ask again',
    requirements: ['ANT-ERR-429'],
    fix: 'Answer 429 rate_limit_error with the envelope and a Retry-After in whole seconds.',
    expects: 'any',
    ask: { reply: untilLimited((fresh) => ask({}, { keyRole: 'limited', limit: 1, fresh })) },
    *judge({ reply }) {
      const { status, turns } = reply!
      if (status === 200) {
        yield { inconclusive: `${turns.length} requests with the limited key, none refused` }
      } else if (status !== 429) yield finding(reply!.statusPlace, 'status 429', `status ${status}`)
      else if (reply!.header('retry-after') === undefined) {
        yield finding(reply!.statusPlace, 'a Retry-After header', 'none', { by: 'should' })
      }
    },
  },
]

function keyState(
  role: 'restricted' | 'exhausted' | 'revoked' | 'expired',
  status: number,
  requirements: string[],
): Check<MessagesView> {
  const what = role === 'restricted' ? 'bound to other models' : role
  return {
    id: `anthropic-messages/access/${role}-key`,
    title: `A key that is ${what} is refused with ${status}`,
    requirements,
    fix: `Answer ${status} with the envelope.`,
    expects: 'any',
    ask: { reply: [ask({}, { keyRole: role, limit: 1 })] },
    judge: ({ reply }) => refused(reply!, status),
  }
}

/** What a request that must be served is judged by. */
export function* served(view: MessagesView, requirement?: string): Iterable<Outcome> {
  if (view.succeeded) return
  const found = unsuccessful(view)
  yield requirement === undefined ? found : { ...found, requirement }
}

/** What a request is judged by that may be served or not: only a crash is wrong. */
export function* observed(view: MessagesView, what: string): Iterable<Outcome> {
  if (view.succeeded) yield note(view.statusPlace, `${what}: served`)
  else yield* onlyObserved(view, what)
}
