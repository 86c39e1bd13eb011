import type { Pace } from '../../fixtures/gateway/pace/options.ts'
import { UsageError } from '../usage.ts'
import { pairsIn, Words } from './words.ts'

const HOUR = 3_600_000

/** `--pace first_ms=200,tokens_per_s=50[,jitter=0.2][,tokens=64]`. */
export function parsePace(spec: string): Pace {
  const words = new Words('--pace', pairsIn('--pace', spec), ['first_ms', 'tokens_per_s', 'jitter', 'tokens'])
  if (!words.has('tokens_per_s')) throw new UsageError('--pace: tokens_per_s is missing')
  return {
    first_ms: words.number('first_ms', 0, HOUR, 0),
    tokens_per_s: words.number('tokens_per_s', 0.001, 100_000, 50),
    ...(words.has('jitter') && { jitter: words.number('jitter', 0, 1, 0) }),
    ...(words.has('tokens') && { tokens: words.number('tokens', 1, 100_000, 64) }),
  }
}
