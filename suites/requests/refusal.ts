import type { Finding } from '../../reports/record/types.ts'
import type { DialectPromise, ErrorPromise, ErrorSituation, Refusal } from '../../specs/types.ts'
import { type Check, finding, note, type Outcome } from '../core/check.ts'
import { endWords, unsuccessful } from '../core/conversation.ts'
import { acceptedBadValue } from '../core/decide.ts'
import type { Probe } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'
import { BROKEN_JSON } from './asking.ts'
import { CLEAN } from './clean.ts'

/** A way to ask wrongly, with exactly one fault. */
export interface Situation {
  title: string
  fix: string
  probe: Probe
  /** The field that the refusal should name. */
  names?: string
  /** Serving it is a breach whatever the documents say. */
  never?: true
  /** Serving it is a warning at most, unless the documents say that it is refused. */
  fallback?: true
  /** Rows that it answers beside those of the profile's table of errors. */
  requirements?: string[]
}

/** Whether a rule of the dialect tells that `error.type` or `error.code` is none of `wanted`. */
export type ToldByRule = (view: StreamView, key: 'type' | 'code', wanted: readonly string[]) => boolean

/** One question for each situation that the profile's table of errors has. */
export function situationChecks(
  dialect: string,
  situations: Record<ErrorSituation, Situation>,
  promise: DialectPromise,
  toldByRule: ToldByRule = () => false,
): Check<StreamView>[] {
  const rows = Object.entries(promise.errors) as [ErrorSituation, ErrorPromise][]
  return rows.map(([name, row]) => {
    const asked = situations[name]
    const never = asked.never ? ['SEC-authentication-required'] : []
    return {
      id: `${dialect}/errors/${name}`,
      title: asked.title,
      requirements: [...new Set([...row.requirements, ...never, ...(asked.requirements ?? [])])],
      fix: asked.fix,
      expects: 'any',
      ask: { reply: [asked.probe] },
      judge: ({ reply }) => refusalOf(reply!, asked, row, toldByRule),
    }
  })
}

/** Whether a bad request was refused as the profile says: the status, the words, the field that is named. */
export function* refusalOf(
  view: StreamView,
  asked: Pick<Situation, 'names' | 'never' | 'fallback'>,
  row: ErrorPromise,
  toldByRule: ToldByRule = () => false,
): Iterable<Outcome> {
  const wanted = row.status.length === 0 ? 'a 4xx status' : `status ${row.status.join(' or ')}`
  if (view.status === 0) {
    yield finding(view.endPlace, wanted, `no answer: ${endWords(view.exchange.end)}`, { requirement: CLEAN })
    return
  }
  if (view.status >= 200 && view.status < 300) {
    const weight = asked.never ? {} : accepted(row.refusal, asked.fallback === true)
    if (view.error === undefined) yield finding(view.statusPlace, wanted, `status ${view.status}`, weight)
    else yield finding(view.pointed('/error'), wanted, `status ${view.status} with an error body`)
    return
  }
  if ((view.status < 400 || view.status > 499) && !row.status.includes(view.status)) {
    const requirement = view.status >= 500 ? { requirement: CLEAN } : {}
    yield finding(view.statusPlace, wanted, `status ${view.status}`, requirement)
    return
  }
  if (row.status.length > 0 && !row.status.includes(view.status)) {
    const weight = row.otherwise === 'fail' ? {} : { atMost: 'warn' as const }
    yield finding(view.statusPlace, wanted, `status ${view.status}`, weight)
  }
  yield* words(view, row, toldByRule)
  if (asked.names !== undefined) yield* namesField(view, asked.names)
}

/** By whose word serving a bad request is a deviation. A `fallback` is a service that some gateways offer on purpose. */
function accepted(refusal: Refusal, fallback: boolean): Pick<Finding, 'by' | 'atMost'> {
  return fallback && refusal !== 'stated' ? { by: 'should' } : acceptedBadValue(refusal)
}

function* words(view: StreamView, row: ErrorPromise, toldByRule: ToldByRule): Iterable<Outcome> {
  for (const key of ['type', 'code'] as const) {
    const wanted = row[key]
    const got = view.error?.[key]
    if (wanted === undefined || view.error === undefined || toldByRule(view, key, wanted)) continue
    if (typeof got !== 'string' || !wanted.includes(got)) {
      yield finding(view.pointed(`/error/${key}`), `error.${key} ${wanted.join(' or ')}`, got, {
        by: 'should',
      })
    }
  }
}

/** A refusal tells which field is at fault, in `param` or in words. */
export function* namesField(view: StreamView, field: string): Iterable<Outcome> {
  const { error } = view
  if (error === undefined) return
  const told = [error.param, error.message].some((text) => typeof text === 'string' && mentions(text, field))
  if (!told) yield finding(view.pointed('/error'), `a refusal that names ${field}`, error, { by: 'should' })
}

function mentions(text: string, field: string): boolean {
  const last =
    field
      .split(/[.[\]]+/)
      .filter(Boolean)
      .at(-1) ?? field
  return text.toLowerCase().includes(last.toLowerCase())
}

/** A refusal of a streamed request that comes as an event stream, in silence, as a 5xx, or as a 200 with an error. */
function* refusedBeforeStream(view: StreamView): Iterable<Outcome> {
  if (view.mediaType === 'text/event-stream' || view.isStream) {
    yield finding(view.headerPlace('content-type'), 'application/json with a 4xx status', view.mediaType)
  } else if (view.status === 0) {
    const got = `no answer: ${endWords(view.exchange.end)}`
    yield finding(view.endPlace, 'a refusal', got, { requirement: CLEAN })
  } else if (view.status >= 500) {
    yield finding(view.statusPlace, 'a 4xx status', `status ${view.status}`, { requirement: CLEAN })
  } else if (view.status < 400 && view.error !== undefined) {
    yield finding(view.statusPlace, 'a 4xx status', `status ${view.status} with an error body`)
  }
}

/** `key`, `body`: streamed requests with a wrong key, and with messages that are a string. */
export function beforeStream(
  dialect: string,
  requirements: string[],
  key: Probe,
  body: Probe,
): Check<StreamView> {
  return {
    id: `${dialect}/errors/before-stream`,
    title: 'A refusal of a streamed request is plain JSON with its real status',
    requirements,
    fix: 'Send the status and the JSON envelope before any event; open the stream only after acceptance.',
    expects: 'any',
    ask: { key: [key], body: [body] },
    *judge(asked) {
      for (const [view, what] of [
        [asked.key!, 'a wrong key was served'],
        [asked.body!, 'messages that are a string were served'],
      ] as const) {
        // What was served was not refused after the stream began: that it was is another question's.
        if (view.succeeded && view.streamError === undefined) {
          yield note(view.statusPlace, what)
          continue
        }
        const wrong = [...refusedBeforeStream(view)]
        yield* wrong
        if (wrong.length === 0) yield note(view.statusPlace, `status ${view.status}`)
      }
    },
  }
}

/** A body that is no JSON, then a good request, which is a probe of its own. */
export function survived(dialect: string, good: Probe): Check<StreamView> {
  return {
    id: `${dialect}/errors/survived`,
    title: 'After a bad request the next good one is answered as before',
    requirements: ['SEC-survives-bad-input'],
    fix: 'Let no request change the state that others depend on.',
    needs: [`${dialect}/plain/reply`],
    expects: 'any',
    ask: {
      reply: [
        { dialect, text: BROKEN_JSON },
        { ...good, fresh: 'after a bad request' },
      ],
    },
    *judge({ reply }) {
      if (!reply!.succeeded) yield unsuccessful(reply!)
    },
  }
}
