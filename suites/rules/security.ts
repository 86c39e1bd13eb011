import type { Json } from '../../reports/record/types.ts'
import { finding, type Placed, type Rule } from '../core/check.ts'
import { dig } from '../core/dig.ts'
import { readJson } from '../core/json.ts'
import type { View } from '../core/view.ts'
import { leaves } from './json.ts'

/** A stretch of an answer that is the gateway's own words, and where it stands. */
interface Said {
  text: string
  where: Placed
  /** Of `error.type` or `error.code`: a word with dots there is no host. */
  slug: boolean
}

/** Characters of one answer that are searched. */
const SEARCHED = 65_536

/** The values of an error: only there can a path or a host be the gateway's own words and not the model's. */
function* refusalWords(view: View): Iterable<Said> {
  if (view.isStream) {
    for (const event of view.sse.events) {
      if (event.type !== 'error' && !event.data.includes('"error"')) continue
      const { value } = readJson(event.data)
      const error = dig(value, 'error')
      const failed = event.type === 'error' ? (value ?? event.data) : error
      if (failed === undefined || failed === null) continue
      yield* words(failed, () => view.at(event.start, event.end - event.start))
      return
    }
    return
  }
  const { value } = view.json
  if (view.status >= 400) {
    if (value === undefined) {
      yield { text: view.text.slice(0, SEARCHED), where: view.at(0, view.body.byteLength), slug: false }
    } else yield* words(value, (pointer) => view.pointed(pointer))
    return
  }
  const error = dig(value, 'error')
  if (error !== undefined && error !== null)
    yield* words(error, (pointer) => view.pointed(`/error${pointer}`))
}

/** The strings in a JSON value, unescaped: a stack trace in JSON has its line ends and quotes escaped. */
function* words(value: Json, place: (pointer: string) => Placed): Iterable<Said> {
  let left = SEARCHED
  for (const [pointer, leaf] of leaves(value)) {
    if (typeof leaf !== 'string' || leaf === '') continue
    const at = pointer()
    yield { text: leaf.slice(0, left), where: place(at), slug: /\/(?:type|code)$/.test(at) }
    left -= leaf.length
    if (left <= 0) return
  }
}

// Every repetition is bounded, or ends at a character that cannot begin a match: the time is linear in the text.
export const STACK: RegExp[] = [
  /Traceback \(most recent call last\)/,
  /\bFile "[^"\n]{1,300}", line \d+/,
  /\bat [\w$.<>[\] ]{1,200} \((?:file:|node:|\/|[A-Z]:\\)[^)\n]{0,300}:\d{1,7}:\d{1,7}\)/,
  /\bat (?:async )?(?:file:\/\/|\/)[^\s:]{1,300}:\d{1,7}:\d{1,7}/,
  /\bgoroutine \d{1,9} \[/,
  /\.go:\d{1,7} \+0x[0-9a-f]+/,
  /\bat [\w.$]{1,300}\(\w{1,100}\.java:\d{1,7}\)/,
  /\bthread '[^'\n]{1,200}' panicked at/,
]
export const FILE_PATH: RegExp[] = [
  /(?:^|[\s"'(=:[])\/(?:usr|home|root|opt|app|var|srv|etc|tmp|workspace|Users)(?:\/[\w.@-]{1,100}){2,20}/,
  /\b[A-Z]:\\(?:[\w .-]{1,100}\\){1,20}[\w.-]{1,100}/,
  /\b(?:node_modules|site-packages|dist-packages)\//,
]
export const PRIVATE_HOST: RegExp[] = [
  /\b(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|169\.254(?:\.\d{1,3}){2})(?::\d{1,5})?\b/,
  /\b(?:127(?:\.\d{1,3}){3}|localhost):\d{1,5}\b/,
  /\b(?:[\w-]{1,63}\.){1,8}(?:internal|svc\.cluster\.local|local|lan)\b(?::\d{1,5}\b)?(?![\w(.-])/,
  /https?:\/\/[^\s"'?]{1,300}\?[^\s"']{0,300}\b(?:key|token|api_key|access_token)=[^\s"'&]/i,
  /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)\s{1,4}[\w.-]{1,253}/,
]

/** Laws of good practice: what no answer may give away. */
export function securityRules(dialect: string): Rule[] {
  return [
    {
      id: `${dialect}/security/key-echo`,
      title: 'No answer repeats the credential of the request',
      requirements: ['SEC-key-not-echoed'],
      fix: 'Never put the key, or what an upstream says about it, into a message or a header.',
      on: (view) => view.status !== 0,
      *judge(view) {
        for (const leak of view.exchange.leaks) {
          if (leak.part === 'request') continue
          const at =
            leak.part === 'header'
              ? view.headerPlace(view.exchange.headers[leak.index ?? 0]?.[0] ?? '')
              : {
                  place: {
                    exchange: view.exchange.digest,
                    part: 'body' as const,
                    offset: Math.max(0, leak.offset - view.http.bodyStart),
                    length: leak.length,
                  },
                }
          yield finding(at, 'no credential in an answer', `the ${leak.role} key (masked here)`)
          return
        }
      },
    },
    law(dialect, 'stack-trace', 'No answer holds a stack trace', 'SEC-no-stack-trace', STACK),
    law(
      dialect,
      'file-path',
      'No error holds a path of the server’s file system',
      'SEC-no-file-path',
      FILE_PATH,
    ),
    law(
      dialect,
      'upstream-host',
      'No error holds an internal address or an upstream’s URL with its key',
      'SEC-no-upstream-host',
      PRIVATE_HOST,
    ),
  ]
}

function law(dialect: string, name: string, title: string, requirement: string, patterns: RegExp[]): Rule {
  return {
    id: `${dialect}/security/${name}`,
    title,
    requirements: [requirement],
    fix: 'Answer with a general sentence and a request id; write the rest to your own log.',
    on: (view) => refusalWords(view)[Symbol.iterator]().next().done !== true,
    *judge(view) {
      const own = ownAddress(view)
      for (const { text, where, slug } of refusalWords(view)) {
        if (slug) continue
        for (const pattern of patterns) {
          const found = first(pattern, text, own)
          if (found === undefined) continue
          yield finding(where, 'no internals in an error', found)
          return
        }
      }
    },
  }
}

/** Matches that are looked at in one text, before the rest of it is taken to be more of the same. */
const LOOKED_AT = 20

/** The first match that is not the address that was asked. */
function first(pattern: RegExp, text: string, own: string[]): string | undefined {
  let looked = 0
  for (const [found] of text.matchAll(new RegExp(pattern, `${pattern.flags}g`))) {
    const bare = found.replace(/^[\s"'(=:[]/, '')
    if (!own.includes(bare)) return bare
    if (++looked === LOOKED_AT) return undefined
  }
  return undefined
}

/** The address that was asked, and its parts: to name it gives nothing away. */
function ownAddress(view: View): string[] {
  try {
    const { host, hostname, pathname } = new URL(view.exchange.request.url)
    return [host, hostname, pathname]
  } catch {
    return []
  }
}
