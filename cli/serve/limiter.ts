import { FAULT_KINDS, type LimitFault, type Limits } from '../../fixtures/gateway/limits/options.ts'
import type { Algorithm, Charging, LimiterOptions } from '../../fixtures/limiter/types.ts'
import { SpecError } from '../../specs/problem.ts'
import { readYaml } from '../../specs/yaml-file.ts'
import { isPath } from '../config.ts'
import { parseDuration } from '../load/duration.ts'
import { UsageError } from '../usage.ts'
import { pairsIn, Words } from './words.ts'

const WINDOWED = [
  'fixed-clock',
  'fixed-first',
  'sliding-log',
  'sliding-counter',
  'token-bucket',
  'leaky-bucket',
] as const
const SCOPES: readonly LimiterOptions['scope'][] = ['key', 'model', 'key+model', 'shared']
const CHARGES: readonly Charging['what'][] = [
  'request',
  'prompt',
  'prompt+completion',
  'prompt+max',
  'reserve-refund',
]
const KNOWN = [
  'requests',
  'tokens',
  'concurrency',
  'algorithm',
  'skew',
  'scope',
  'charging',
  'when',
  'refused',
  'cancelled',
  'fault',
]
const WHERE = '--limiter'

/** `--limiter SPEC|FILE.yaml`, as often as it is given. A file holds the words of a SPEC as a mapping, or a list of them. */
export function parseLimiter(specs: readonly string[]): Limits {
  const limits: Limits = {}
  for (const spec of specs) {
    for (const pairs of isPath(spec) && !spec.includes('=') ? pairsInFile(spec) : [pairsIn(WHERE, spec)]) {
      const words = new Words(WHERE, pairs, KNOWN)
      const [what, options] = limitOf(words)
      if (limits[what] !== undefined) throw new UsageError(`${WHERE}: there are two limits of ${what}`)
      limits[what] = options
      const fault = words.text('fault')
      if (fault !== undefined) limits.fault = faultOf(fault, words)
    }
  }
  return limits
}

function pairsInFile(file: string): [string, string][][] {
  const yaml = readYaml(file)
  if (yaml.problems.length > 0) throw new SpecError(yaml.problems)
  const rows: unknown[] = Array.isArray(yaml.data) ? yaml.data : [yaml.data]
  return rows.map((row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row))
      throw new UsageError(`${WHERE}: ${file} must hold a mapping, or a list of them`)
    return Object.entries(row).map(([word, value]): [string, string] => [word, String(value)])
  })
}

function limitOf(words: Words): ['requests' | 'tokens', LimiterOptions] {
  const [what, ...more] = ['requests', 'tokens', 'concurrency'].filter((word) => words.has(word))
  if (what === undefined || more.length > 0)
    throw new UsageError(`${WHERE}: one of requests, tokens and concurrency says what is limited`)
  const counted = what === 'tokens' ? 'tokens' : 'requests'
  return [
    counted,
    {
      algorithm: what === 'concurrency' ? slots(words) : windowed(what, words),
      charging: {
        what: words.one('charging', CHARGES, counted === 'tokens' ? 'prompt+max' : 'request'),
        when: words.one('when', ['admission', 'end'], 'admission'),
        refused: words.yes('refused', false),
        cancelled: words.yes('cancelled', true),
      },
      scope: words.one('scope', SCOPES, 'key'),
    },
  ]
}

function slots(words: Words): Algorithm {
  if (words.has('algorithm')) words.wrong('algorithm', 'left out where concurrency is limited')
  return { kind: 'concurrency', limit: words.number('concurrency', 1, 1e9, 1) }
}

function windowed(what: string, words: Words): Algorithm {
  const [, amount = '', time = ''] = /^(\d+)\/(.+)$/.exec(words.text(what) ?? '') ?? []
  const window = Math.round(1000 * (parseDuration(/^[a-z]/.test(time) ? `1${time}` : time) ?? 0))
  const limit = Number(amount)
  if (!(limit >= 1 && limit <= 1e12 && window >= 1)) words.wrong(what, 'AMOUNT/TIME, such as 60/1m or 100/2s')
  const kind = words.one('algorithm', WINDOWED, 'fixed-first')
  if (!words.has('skew')) return { kind, limit, window }
  if (kind !== 'fixed-clock' && kind !== 'sliding-counter')
    words.wrong('skew', 'left out: only fixed-clock and sliding-counter go by the wall clock')
  return { kind, limit, window, skew: words.number('skew', -1e9, 1e9, 0) }
}

/** Numbers of a fault stand behind its name: `race:50`, `fail-open:10:4`. */
function faultOf(text: string, words: Words): LimitFault {
  const [name = '', ...numbers] = text.split(':')
  const kind = new Words(`${WHERE} fault`, [['fault', name]], ['fault']).one('fault', FAULT_KINDS, 'race')
  const number = (at: number, fallback: number): number => {
    const given = numbers[at]
    if (given === undefined) return fallback
    if (!/^\d+(?:\.\d+)?$/.test(given)) words.wrong('fault', 'a name with numbers behind colons')
    return Number(given)
  }
  if (kind === 'race') return { kind, lag_ms: number(0, 100) }
  if (kind === 'retry-after-wrong') return { kind, factor: number(0, 0.2) }
  if (kind === 'counts-retries') return { kind, times: number(0, 3) }
  if (kind === 'fail-open') return { kind, after_windows: number(0, 10), for_windows: number(1, 4) }
  return { kind }
}
