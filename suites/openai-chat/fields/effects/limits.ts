import { seen } from '../../../fields/effect.ts'
import { chat, LONG } from '../../ask.ts'
import type { ChatView } from '../../view.ts'
import { CUT, cutShort, type Observer, placeOf, quote } from './effect.ts'

const FEW = 8
/** No tokenizer has tokens of numbers and blanks that are longer than this. */
const LONGEST_TOKEN = 8

/** The whole task is far longer than the limit. Reasoning may use the limit up: an empty answer is cut, too. */
export const cutsAtLimit: Observer = ({ path }) => ({
  title: `${path} limits the tokens of the answer`,
  ask: { reply: [chat({ [path]: FEW }, { prompt: LONG })] },
  *judge({ reply }) {
    const view = reply!
    const count = view.usage?.completion
    const told = `${count ?? 'unknown'} completion tokens for ${path} ${FEW}: ${quote(view)}`
    const long = view.content.length > FEW * LONGEST_TOKEN
    const cut = view.choice?.finish === 'length' || /^\s*1[\s,]+2[\s,]+3/.test(view.content)
    if (long || (count !== undefined && count > FEW)) yield seen('ignored', placeOf(view), told)
    else if (cut) yield seen('honoured', placeOf(view), told)
    else yield { inconclusive: `the model did not begin the long task: ${quote(view)}` }
  },
})

export const givesChoices: Observer = () => ({
  title: 'n: 2 gives two choices with the indexes 0 and 1',
  ask: { reply: [chat({ n: 2 })] },
  *judge({ reply }) {
    const view = reply!
    const indexes = view.choices.map((choice) => choice.index)
    const told = `${view.choices.length} choice(s) with the indexes ${indexes.join(', ')}`
    if (indexes.length === 1) yield seen('ignored', placeOf(view), told)
    else if (indexes.length === 2 && [0, 1].every((index) => indexes.includes(index))) {
      yield seen('honoured', placeOf(view), told)
    } else yield seen('altered', placeOf(view), told)
  },
})

const SAID = 'alpha beta gamma delta epsilon'
const ECHO = `Reply with exactly this text and nothing else: ${SAID}`

/** One stop string; and four of which only the last occurs. */
export const endsBeforeStop: Observer = () => ({
  title: 'The answer ends before the stop string, whether it is one, or the last of four',
  ask: {
    one: [chat({ stop: 'gamma' }, { prompt: ECHO })],
    four: [chat({ stop: ['zebra', 'yak', 'yeti', 'gamma'] }, { prompt: ECHO })],
  },
  *judge({ one, four }) {
    for (const [view, form] of [
      [one!, 'a string'],
      [four!, 'the last of four'],
    ] as const) {
      const told = `stop as ${form}, answer ${quote(view)}, finish_reason ${view.choice?.finish}`
      const text = view.content.toLowerCase()
      if (text.includes('gamma') || text.includes('delta')) {
        yield seen('ignored', placeOf(view), told)
        return
      }
      if (!text.includes('alpha')) {
        yield { inconclusive: `the model did not repeat the text: ${quote(view)}` }
        return
      }
      if (!text.includes('beta') || view.choice?.finish === 'length') {
        yield seen('altered', placeOf(view), told)
        return
      }
    }
    yield seen('honoured', placeOf(one!), `answer ${quote(one!)}`)
  },
})

function alternatives(view: ChatView): number[] {
  return (view.choice?.logprobs ?? []).map((entry) => {
    const list =
      typeof entry === 'object' && entry !== null && !Array.isArray(entry) ? entry.top_logprobs : []
    return Array.isArray(list) ? list.length : 0
  })
}

export const showsLogprobs: Observer = () => ({
  title: 'logprobs: true lists the tokens of the answer, and without it none are listed',
  ask: { with: [chat({ logprobs: true })], without: [chat()] },
  *judge({ with: on, without: off }) {
    if (cutShort(on!)) {
      yield CUT
      return
    }
    const [some, none] = [on!.choice?.logprobs?.length ?? 0, off!.choice?.logprobs?.length ?? 0]
    const told = `${some} entries with logprobs, ${none} without`
    if (some === 0 || none > 0) yield seen('ignored', placeOf(on!), told)
    else yield seen('honoured', placeOf(on!), told)
  },
})

const CAP = 2

export const capsAlternatives: Observer = () => ({
  title: `top_logprobs: ${CAP} lists up to ${CAP} alternatives for each token`,
  ask: { reply: [chat({ logprobs: true, top_logprobs: CAP })] },
  *judge({ reply }) {
    if (cutShort(reply!)) {
      yield CUT
      return
    }
    const counts = alternatives(reply!)
    const told = `${counts.length} tokens with ${counts.slice(0, 10).join(', ')} alternatives`
    if (counts.every((count) => count === 0) || counts.some((count) => count > CAP)) {
      yield seen('ignored', placeOf(reply!), told)
    } else yield seen('honoured', placeOf(reply!), told)
  },
})
