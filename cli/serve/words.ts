import { nearest } from '../../specs/nearest.ts'
import { UsageError } from '../usage.ts'

/** The words of one option's value, such as `first_ms=200,tokens_per_s=50`, and how to complain about one of them. */
export class Words {
  private readonly where: string
  private readonly given: Map<string, string>

  /** `where`: the option, as a message begins with it. Throws on a word that is none of `known`, and on a repeated one. */
  constructor(where: string, given: Iterable<readonly [string, string]>, known: readonly string[]) {
    this.where = where
    this.given = new Map()
    for (const [word, value] of given) {
      if (!known.includes(word)) {
        const near = nearest(word, known)
        const hint = near === undefined ? `known: ${known.join(', ')}` : `the nearest is "${near}"`
        throw new UsageError(`${where}: unknown word "${word}"; ${hint}`)
      }
      if (this.given.has(word)) throw new UsageError(`${where}: ${word} stands twice`)
      this.given.set(word, value)
    }
  }

  has(word: string): boolean {
    return this.given.has(word)
  }

  text(word: string): string | undefined {
    return this.given.get(word)
  }

  /** A number from `least` to `most`; `fallback` where the word is not there. */
  number(word: string, least: number, most: number, fallback: number): number {
    const text = this.given.get(word)
    if (text === undefined) return fallback
    const value = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= most)) this.wrong(word, `a number from ${least} to ${most}`)
    return value
  }

  one<T extends string>(word: string, of: readonly T[], fallback: T): T {
    const text = this.given.get(word)
    if (text === undefined) return fallback
    const found = of.find((one) => one === text)
    if (found !== undefined) return found
    const near = nearest(text, of)
    this.wrong(
      word,
      near === undefined ? `one of ${of.join(', ')}` : `one of its words; the nearest is "${near}"`,
    )
  }

  yes(word: string, fallback: boolean): boolean {
    return this.one(word, ['true', 'false'], fallback ? 'true' : 'false') === 'true'
  }

  /** Throws: the value of `word` is not what it should be. */
  wrong(word: string, should: string): never {
    throw new UsageError(`${this.where}: ${word} must be ${should}, not "${this.given.get(word) ?? ''}"`)
  }
}

/** `a=1,b=2` as pairs. Throws where a part has no `=`. */
export function pairsIn(where: string, spec: string): [string, string][] {
  return spec.split(',').map((part) => {
    const at = part.indexOf('=')
    if (at < 1) throw new UsageError(`${where}: "${part.trim()}" must be WORD=VALUE`)
    return [part.slice(0, at).trim(), part.slice(at + 1).trim()]
  })
}
