import { finding, type Rule } from '../core/check.ts'
import { dig } from '../core/dig.ts'
import type { View } from '../core/view.ts'

/** What a refusal says: only there can a path or a host be the gateway's own words and not the model's. */
function refusalText(view: View): string | undefined {
  if (view.status >= 400) return view.text
  if (!view.isStream) return dig(view.json.value, 'error') === undefined ? undefined : view.text
  const failed = view.sse.events.find(
    (event) => event.type === 'error' || /"error"\s*:\s*[{"]/.test(event.data),
  )
  return failed?.data
}

const STACK: RegExp[] = [
  /Traceback \(most recent call last\)/,
  /\bFile "[^"]+", line \d+/,
  /\bat [\w$.<>[\] ]+ \((?:file:|node:|\/|[A-Z]:\\)[^)]*:\d+:\d+\)/,
  /\bat (?:async )?(?:file:\/\/|\/)[^\s:]+:\d+:\d+/,
  /\bgoroutine \d+ \[/,
  /\b[\w/.-]+\.go:\d+ \+0x/,
  /\bat [\w.$]+\([\w]+\.java:\d+\)/,
  /thread '[^']+' panicked at/,
]
const FILE_PATH: RegExp[] = [
  /(?:^|[\s"'(=:])(?:\/(?:usr|home|root|opt|app|var|srv|etc|tmp|workspace|Users)\/[\w.@-]+(?:\/[\w.@-]+)+)/,
  /\b[A-Z]:\\(?:[\w .-]+\\)+[\w .-]+/,
  /\b(?:node_modules|site-packages|dist-packages)\//,
]
const PRIVATE_HOST: RegExp[] = [
  /\b(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|169\.254(?:\.\d{1,3}){2})(?::\d+)?\b/,
  /\b(?:127(?:\.\d{1,3}){3}|localhost):\d+\b/,
  /\b[\w-]+(?:\.[\w-]+)*\.(?:internal|svc\.cluster\.local|local|lan)\b(?::\d+)?/,
  /https?:\/\/[^\s"'?]+\?[^\s"']*\b(?:key|token|api_key|access_token)=[^\s"'&]+/i,
  /\b(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT)\s+[\w.-]+/,
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
    on: (view) => refusalText(view) !== undefined,
    *judge(view) {
      const own = ownHost(view)
      const text = refusalText(view)!.slice(0, 65_536)
      for (const pattern of patterns) {
        const found = pattern.exec(text)
        if (found === null || (own !== undefined && found[0].includes(own))) continue
        const offset = Buffer.byteLength(view.text.slice(0, Math.max(0, view.text.indexOf(found[0]))))
        yield finding(view.at(offset, Buffer.byteLength(found[0])), 'no internals in an error', found[0])
        return
      }
    },
  }
}

/** The address that was asked: naming it gives nothing away. */
function ownHost(view: View): string | undefined {
  try {
    return new URL(view.exchange.request.url).host
  } catch {
    return undefined
  }
}
