/** Each request asks for a word of its own: whether it came back, and whether another's did. */
import type { Invariants } from '../invariants.ts'
import { each, Places } from '../places.ts'
import { percent } from '../saturation.ts'
import type { Standing } from './invariants.ts'
import { type Answer, plural } from './line.ts'

export function crossTalk(
  { foreign, words, nonces, missing }: Invariants,
  { sent }: Pick<Standing, 'sent'>,
): Answer {
  const id = 'load/invariants/cross-talk'
  const own = nonces.back
  const theirs = new Places()
  const nobodys = new Places()
  for (const { row, word } of words) (sent?.(word) === false ? nobodys : theirs).add('word', row)
  // What has no note could be anybody's.
  const count = Math.max(theirs.count, foreign.count - nobodys.count)
  if (count > 0) {
    const places = theirs.count > 0 ? theirs : foreign
    const findings = each(places, () => ({
      id,
      by: 'official',
      expected: 'only the word of its own request',
      got: 'the word of another request',
    }))
    return {
      verdict: 'fail',
      message: `${plural(count, 'answer')} held the word of another request`,
      findings,
    }
  }
  const message = `${plural(own, 'answer')} held the word of ${own === 1 ? 'its own request' : 'their own requests'}, none another`
  if (nobodys.count > 0) {
    const got = 'a word like it, which no request was given'
    const findings = each(nobodys, () => ({ id, by: 'should', expected: 'the word of its own request', got }))
    const odd = plural(nobodys.count, 'answer')
    return {
      verdict: 'warn',
      message: `${message}; ${odd} held ${got}: misspelt, or changed on its way`,
      findings,
    }
  }
  if (own === 0) {
    const why =
      missing.count > 0
        ? `none of ${plural(missing.count, 'answer')} held its word`
        : 'no words were asked for'
    return {
      verdict: missing.count > 0 ? 'inconclusive' : 'skip',
      ...(missing.count > 0 ? {} : { reason: 'idle' as const }),
      message: `${why}, so nothing could show`,
    }
  }
  return { verdict: 'pass', message }
}

export function nonce({ nonces, missing }: Invariants, embedded: boolean): Answer {
  const id = 'load/invariants/nonce'
  const { count } = missing
  const all = nonces.back + count
  if (all === 0) return { verdict: 'skip', reason: 'idle', message: 'no answer was to hold a word' }
  if (count === 0) return { verdict: 'pass', message: `all ${plural(all, 'answer')} held their word` }
  const message = `${count} of ${plural(all, 'answer')} (${percent(count / all)}) did not hold their word`
  const findings = each(missing, () => ({
    id,
    by: embedded ? 'official' : 'should',
    expected: 'the word that the request asked for',
    got: 'another answer',
  }))
  if (embedded) return { verdict: 'fail', message, findings }
  if (nonces.back === 0)
    return { verdict: 'inconclusive', message: `${message}: the model does not obey`, findings }
  return { verdict: 'warn', message, findings }
}
