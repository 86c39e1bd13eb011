import { seen } from '../../../fields/effect.ts'
import * as common from '../../../fields/observers.ts'
import { ask, LONG } from '../../ask.ts'
import { CUT_AT, ECHO } from '../../stops.ts'
import { type Observer, placeOf, quote } from './effect.ts'

/** No tokenizer has tokens of numbers and blanks that are longer than this. */
const LONGEST_TOKEN = 8

/** The whole task is far longer than the limit. Thinking may use the limit up: an empty answer is cut, too. */
export const cutsAtLimit: Observer = ({ path }) => ({
  title: `${path} limits the tokens of the answer`,
  ask: { reply: [ask({ [path]: CUT_AT }, { prompt: LONG })] },
  *judge({ reply }) {
    const view = reply!
    const count = view.usage?.output
    const told = `${count ?? 'unknown'} output tokens for ${path} ${CUT_AT}: ${quote(view)}`
    const long = view.content.length > CUT_AT * LONGEST_TOKEN
    const cut = view.stopReason === 'max_tokens' || /^\s*1[\s,]+2[\s,]+3/.test(view.content)
    if (long || (count !== undefined && count > CUT_AT)) yield seen('ignored', placeOf(view), told)
    else if (cut) yield seen('honoured', placeOf(view), told)
    else yield { inconclusive: `the model did not begin the long task: ${quote(view)}` }
  },
})

/** One sequence; and five of which only the last occurs. */
export const endsBeforeStop: Observer = () => ({
  title: 'The answer ends before the stop sequence, whether it is the only one, or the last of five',
  ask: {
    one: [ask({ stop_sequences: ['gamma'] }, { prompt: ECHO })],
    five: [ask({ stop_sequences: ['zebra', 'yak', 'yeti', 'yawl', 'gamma'] }, { prompt: ECHO })],
  },
  *judge({ one, five }) {
    for (const [view, form] of [
      [one!, 'one sequence'],
      [five!, 'the last of five'],
    ] as const) {
      const told = `${form}, answer ${quote(view)}, stop_reason ${view.stopReason}`
      const text = view.content.toLowerCase()
      if (text.includes('gamma') || text.includes('delta')) {
        yield seen('ignored', placeOf(view), told)
        return
      }
      if (!text.includes('alpha')) {
        yield { inconclusive: `the model did not repeat the text: ${quote(view)}` }
        return
      }
      if (!text.includes('beta') || view.stopReason === 'max_tokens') {
        yield seen('altered', placeOf(view), told)
        return
      }
    }
    yield seen('honoured', placeOf(one!), `answer ${quote(one!)}`)
  },
})

export const streams = common.streams(ask({ stream: true }), ask())
