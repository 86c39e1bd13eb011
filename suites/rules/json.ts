import type { Json } from '../../reports/record/types.ts'
import { finding, type Rule } from '../core/check.ts'
import type { View } from '../core/view.ts'

const isJson = (view: View): boolean =>
  view.status !== 0 &&
  view.body.byteLength > 0 &&
  !view.isStream &&
  (/[/+]json$/.test(view.mediaType) || (view.mediaType === '' && /^\s*[{[]/.test(view.text.slice(0, 64))))

/** Nothing of the body is missing. */
const ended = (view: View): boolean =>
  view.exchange.end.kind === 'complete' || view.exchange.end.kind === 'closed'

/** Laws of JSON (RFC 8259) for whole bodies; events of a stream are judged by the dialect's grammar. */
export function jsonRules(dialect: string): Rule[] {
  return [
    {
      id: `${dialect}/json/syntax`,
      title: 'A JSON body is one complete JSON text',
      requirements: ['JSON-syntax'],
      fix: 'Serialise with a JSON library; never cut or concatenate bodies.',
      on: (view) => isJson(view) && ended(view),
      *judge(view) {
        const { problem, tooDeep, tooMany, depth } = view.json
        if (tooMany) yield finding(view, 'JSON of a size that readers take', 'more than a million values')
        else if (tooDeep) yield finding(view, 'JSON of a depth that readers take', `${depth} levels`)
        else if (problem !== undefined) yield finding(view.at(problem.offset, 1), 'JSON', problem.text)
      },
    },
    {
      id: `${dialect}/json/utf8`,
      title: 'JSON is UTF-8 without a byte order mark',
      requirements: ['JSON-utf8'],
      fix: 'Write valid UTF-8; replace what the model left incomplete.',
      on: (view) => isJson(view) && ended(view),
      *judge(view) {
        if (view.body[0] === 0xef && view.body[1] === 0xbb)
          yield finding(view.at(0, 3), 'no byte order mark', 'EF BB BF')
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(view.body)
        } catch {
          yield finding(view, 'UTF-8', 'bytes that are not UTF-8')
        }
      },
    },
    {
      id: `${dialect}/json/values`,
      title: 'Integers stay within 2^53, and strings hold no lone surrogates',
      requirements: ['JSON-number-range', 'JSON-lone-surrogates'],
      fix: 'Send large numbers as strings; replace half characters by U+FFFD.',
      on: (view) => isJson(view) && view.json.value !== undefined,
      *judge(view) {
        for (const [pointer, value] of leaves(view.json.value!)) {
          // What no double holds reads as Infinity, and is no integer then.
          const large = typeof value === 'number' && !Number.isSafeInteger(value)
          if (large && (Number.isInteger(value) || !Number.isFinite(value))) {
            yield finding(view.pointed(pointer()), 'an integer within 2^53', value)
            return
          }
          if (typeof value === 'string' && !value.isWellFormed()) {
            yield finding(view.pointed(pointer()), 'whole characters', value)
            return
          }
        }
      },
    },
    {
      id: `${dialect}/json/unique-names`,
      title: 'The names in a JSON object are unique',
      requirements: ['JSON-unique-names'],
      fix: 'Merge objects before writing them.',
      on: isJson,
      *judge(view) {
        for (const { pointer, span } of view.json.duplicates.slice(0, 3)) {
          yield finding(view.at(span.offset, span.length, { pointer }), 'each name once', `${pointer} twice`)
        }
      },
    },
  ]
}

/** Every scalar of a JSON value (not the names in it) with its pointer (made on demand), in the order of the text, without recursion. */
export function* leaves(root: Json): Iterable<[pointer: () => string, value: Json]> {
  if (typeof root !== 'object' || root === null) {
    yield [() => '', root]
    return
  }
  const open = [members(root)]
  const pointer = () => open.map(({ key }) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  for (let here = open.at(-1); here !== undefined; here = open.at(-1)) {
    const key = here.keys[here.next++]
    if (key === undefined) {
      open.pop()
      continue
    }
    here.key = String(key)
    const value = (here.holder as { [key: string | number]: Json })[key]!
    if (typeof value === 'object' && value !== null) open.push(members(value))
    else yield [pointer, value]
  }
}

interface Members {
  holder: Json
  keys: ArrayLike<string | number>
  next: number
  /** Of the member that was looked at last. */
  key: string
}

function members(holder: Json): Members {
  const keys = Array.isArray(holder)
    ? [...holder.keys()]
    : typeof holder === 'object' && holder !== null
      ? Object.keys(holder)
      : []
  return { holder, keys, next: 0, key: '' }
}
