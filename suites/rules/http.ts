import type { HeaderPair } from '../../reports/record/types.ts'
import { finding, note, type Rule } from '../core/check.ts'
import { endWords } from '../core/conversation.ts'
import { isObject } from '../core/dig.ts'
import type { View } from '../core/view.ts'

const answered = (view: View): boolean => view.status !== 0
/** A head was recorded: not a bare body that somebody saved. */
const whole = (view: View): boolean => answered(view) && view.exchange.wire !== 'body'
const onWire = (view: View): boolean => answered(view) && view.exchange.wire === 'http1'

/** Laws of HTTP that hold for every exchange. Ids begin with the dialect, so that each dialect's record stands alone. */
export function httpRules(dialect: string): Rule[] {
  return [
    {
      id: `${dialect}/http/framing`,
      title: 'Status line, header fields and body framing are well formed',
      requirements: [
        'HTTP-status-line',
        'HTTP-field-syntax',
        'HTTP-framing-one',
        'HTTP-framing-length',
        'HTTP-framing-chunked',
      ],
      fix: 'Let the server frame the body; never copy Content-Length or Transfer-Encoding from an upstream.',
      on: onWire,
      *judge(view) {
        for (const { rule, offset, text } of view.http.problems) {
          yield finding(
            { place: { exchange: view.exchange.digest, part: 'head', offset } },
            'well-formed HTTP/1.1',
            `${rule}: ${text}`,
          )
        }
      },
    },
    {
      id: `${dialect}/http/complete`,
      title: 'An answer that began is brought to its end',
      requirements: ['HTTP-framing-length', 'HTTP-framing-chunked'],
      fix: 'End every body in order; signal a failure inside the stream, then finish it.',
      on: (view) =>
        (onWire(view) || (answered(view) && view.unread !== undefined)) &&
        view.exchange.end.kind !== 'hung-up',
      *judge(view) {
        const { end } = view.exchange
        if (end.kind !== 'complete' && end.kind !== 'closed') {
          yield finding(view.endPlace, 'an answer that ends', endWords(end))
        } else if (view.unread !== undefined) {
          yield finding(view.endPlace, 'an answer that ends', view.unread)
        }
      },
    },
    {
      id: `${dialect}/http/content-type`,
      title: 'A body is labelled with one well-formed Content-Type, JSON with application/json',
      requirements: ['HTTP-content-type', 'HTTP-content-type-json', 'OAI-CHAT-json-body'],
      fix: 'Send Content-Type: application/json with every JSON body, errors too.',
      on: (view) => whole(view) && view.body.byteLength > 0,
      *judge(view) {
        const values = view.exchange.headers.filter(([name]) => name.toLowerCase() === 'content-type')
        if (values.length !== 1) {
          yield finding(view.headerPlace('content-type'), '1 Content-Type', `${values.length}`)
        } else if (!/^[\w.+-]+\/[\w.+-]+(\s*;.*)?$/.test(values[0]![1].trim())) {
          yield finding(view.headerPlace('content-type'), 'a media type', values[0]![1])
        } else if (
          !view.isStream &&
          isObject(view.json.value) &&
          !/^application\/(?:[\w.-]+\+)?json$/.test(view.mediaType)
        ) {
          yield finding(view.headerPlace('content-type'), 'application/json', view.mediaType)
        }
      },
    },
    {
      id: `${dialect}/http/content-coding`,
      title: 'A content coding is named in Content-Encoding, was asked for, and decodes',
      requirements: ['HTTP-content-coding'],
      fix: 'Let Content-Encoding describe the bytes that are sent; drop it after decoding.',
      on: onWire,
      *judge(view) {
        const coding = view.header('content-encoding')?.trim().toLowerCase() || 'identity'
        const { kind } = view.exchange.end
        const where = view.headerPlace('content-encoding')
        if (view.contentProblem !== undefined && (kind === 'complete' || kind === 'closed'))
          yield finding(where, `a body in ${coding}`, view.contentProblem)
        else if (coding !== 'identity' && !asksFor(view, coding))
          yield finding(where, 'no coding: none was asked for', coding)
        else if (looksCompressed(view.body))
          yield finding(view, 'a body without coding', 'compressed bytes and no Content-Encoding')
      },
    },
    {
      id: `${dialect}/http/no-error-in-2xx`,
      title: 'A failed request is not answered with 2xx and an error in the body',
      requirements: ['HTTP-no-error-in-2xx'],
      fix: 'Answer with the error’s own status.',
      on: (view) => view.status >= 200 && view.status < 300 && !view.isStream,
      *judge(view) {
        const { value } = view.json
        if (!isObject(value)) return
        // A Responses object tells of its own failure with status 200.
        if (value.object === 'response') return
        if (isObject(value.error) || (typeof value.error === 'string' && value.error !== '')) {
          yield finding(view.pointed('/error'), 'a 4xx or 5xx status with an error', `status ${view.status}`)
        }
      },
    },
    {
      id: `${dialect}/http/retry-after`,
      title: 'Retry-After is a whole number of seconds or an HTTP date',
      requirements: ['HTTP-retry-after-form', 'OAI-CHAT-error-retry-after'],
      fix: 'Send Retry-After as whole seconds.',
      on: (view) => view.header('retry-after') !== undefined,
      *judge(view) {
        const value = view.header('retry-after')!.trim()
        const where = view.headerPlace('retry-after')
        if (!/^\d+$/.test(value) && !HTTP_DATE.test(value))
          yield finding(where, 'whole seconds or a date', value)
        else if (view.status === 429 && Number(value) === 0)
          yield finding(where, '1 second or more', value, { by: 'official' })
        else if (Number(value) > 60) yield note(where, `${value} s: the official clients ignore more than 60`)
      },
    },
    {
      id: `${dialect}/http/date`,
      title: 'A Date field, where there is one, is in the standard form and near the truth',
      requirements: ['HTTP-date'],
      fix: 'Send Date in the form of RFC 9110, 5.6.7.',
      on: (view) => whole(view) && view.header('date') !== undefined,
      *judge(view) {
        const value = view.header('date')!.trim()
        const away = Math.abs(Date.parse(value) - Date.parse(view.exchange.startedAt)) / 1000
        const where = view.headerPlace('date')
        if (!HTTP_DATE.test(value)) yield finding(where, 'an HTTP date', value, { by: 'should' })
        // A transcript does not say when it was made.
        else if (onWire(view) && away > 86_400)
          yield finding(where, 'a date near ours', value, { by: 'should' })
      },
    },
    {
      id: `${dialect}/http/challenge`,
      title: 'A 401 carries a WWW-Authenticate challenge (recorded only)',
      requirements: ['HTTP-unauthorized-challenge'],
      fix: 'Send WWW-Authenticate: Bearer with a 401.',
      on: (view) => whole(view) && view.status === 401,
      *judge(view) {
        if (view.header('www-authenticate') === undefined) yield note(view.statusPlace, 'no WWW-Authenticate')
      },
    },
    {
      id: `${dialect}/http/allow`,
      title: 'A 405 lists the allowed methods in Allow',
      requirements: ['HTTP-method-allow'],
      fix: 'Send Allow with a 405.',
      on: (view) => whole(view) && view.status === 405,
      *judge(view) {
        if (view.header('allow') === undefined) yield finding(view.statusPlace, 'an Allow header', 'none')
      },
    },
    {
      id: `${dialect}/http/server-version`,
      title: 'No header tells the version of the server’s software',
      requirements: ['SEC-server-version'],
      fix: 'Take the version out of Server and X-Powered-By.',
      on: whole,
      *judge(view) {
        for (const name of ['server', 'x-powered-by']) {
          const value = view.header(name)
          if (value !== undefined && /\/\s*v?\d+\.\d+/.test(value)) {
            yield finding(view.headerPlace(name), 'no version number', value)
            return
          }
        }
      },
    },
    {
      id: `${dialect}/http/reuse`,
      title: 'A request on a kept connection is answered as on a fresh one',
      requirements: ['HTTP-connection-reuse'],
      fix: 'Close a connection that will take no more requests with Connection: close, in order.',
      // A server may hang up on a body that it will not take.
      on: (view) => view.exchange.reused && view.exchange.request.bodyRepeat === undefined,
      *judge(view) {
        const { kind } = view.exchange.end
        if (view.status === 0 && (kind === 'garbled' || kind === 'truncated' || kind === 'reset')) {
          yield finding(view.endPlace, 'an answer', `${kind} on a kept connection`)
        }
      },
    },
    {
      id: `${dialect}/http/connection-close`,
      title: 'Connection: close in a request is not answered with Connection: keep-alive',
      requirements: ['HTTP-connection-close'],
      fix: 'Answer Connection: close with Connection: close; never pass Connection of an upstream on.',
      on: (view) => onWire(view) && optionsOf(view.exchange.request.headers).includes('close'),
      *judge(view) {
        const options = optionsOf(view.exchange.headers)
        if (!options.includes('keep-alive') || options.includes('close')) return
        yield finding(view.headerPlace('connection'), 'Connection: close', options.join(', '), {
          by: 'should',
          why: 'A client that believes it sends its next request into a connection that is gone.',
        })
      },
    },
    {
      id: `${dialect}/http/trailers`,
      title: 'No field that framing or authentication needs stands in a trailer',
      requirements: ['HTTP-trailers'],
      fix: 'Send such fields in the head.',
      on: (view) => onWire(view) && view.http.trailers.length > 0,
      *judge(view) {
        for (const [name] of view.http.trailers) {
          if (/^(content-(length|encoding|type)|transfer-encoding|authorization|set-cookie)$/i.test(name)) {
            yield finding(view.endPlace, 'no such field in a trailer', name)
          }
        }
      },
    },
  ]
}

/** The options of all Connection fields, lower case. */
function optionsOf(headers: HeaderPair[]): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((option) => option.trim())
}

/** Whether the request took this coding. Without Accept-Encoding any would be acceptable (RFC 9110, 12.5.3). */
function asksFor(view: View, coding: string): boolean {
  const asked = view.exchange.request.headers.filter(([name]) => name.toLowerCase() === 'accept-encoding')
  if (asked.length === 0) return true
  const tokens = asked.flatMap(([, value]) => value.toLowerCase().split(',')).map((part) => part.trim())
  return coding.split(',').every((one) => tokens.some((token) => token === one.trim() || token === '*'))
}

const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** The first bytes of gzip or zstd: nothing that JSON or an event stream begins with. */
function looksCompressed(body: Uint8Array): boolean {
  return (body[0] === 0x1f && body[1] === 0x8b) || (body[0] === 0x28 && body[1] === 0xb5 && body[2] === 0x2f)
}
