import type { Json } from '../../../../reports/record/types.ts'
import { asString, dig, isObject } from '../../../core/dig.ts'
import { canonical } from '../../../core/digest.ts'
import { seen } from '../../../fields/effect.ts'
import * as common from '../../../fields/observers.ts'
import { NOBODY } from '../../../requests/served-models.ts'
import { chat } from '../../ask.ts'
import type { ChatView } from '../../view.ts'
import { type Observer, placeOf } from './effect.ts'

/** Tokens in which a model that thinks has begun to. */
const ROOM = 64
const RIDDLE = 'What is 17 times 23? Think about it first, then reply with the number.'

function reasons(view: ChatView): boolean {
  const count = dig(view.usage?.raw, 'completion_tokens_details', 'reasoning_tokens')
  return Boolean(view.choice?.reasoning) || (typeof count === 'number' && count > 0)
}

const word = (yes: boolean) => (yes ? 'reasoning' : 'no reasoning')

export const switchesThinking: Observer = () => ({
  title: 'thinking enabled shows reasoning, disabled shows none',
  ask: {
    on: [chat({ thinking: { type: 'enabled' } }, { prompt: RIDDLE, limit: ROOM })],
    off: [chat({ thinking: { type: 'disabled' } }, { prompt: RIDDLE, limit: ROOM })],
  },
  *judge({ on, off }) {
    const got = `${word(reasons(on!))} with enabled, ${word(reasons(off!))} with disabled`
    yield seen(reasons(on!) && !reasons(off!) ? 'honoured' : 'ignored', placeOf(on!), got)
  },
})

/** Only `none` promises something that can be seen; elsewhere the amount is told, and nothing follows from it. */
export const reasoningEffort: Observer = (field, { promise }) => {
  const values = promise.fields[field.path]?.values ?? field.enum ?? []
  const least = values.includes('none') ? 'none' : 'low'
  return {
    title: 'reasoning_effort none shows no reasoning; other values are accepted',
    ask: {
      high: [chat({ reasoning_effort: 'high' }, { prompt: RIDDLE, limit: ROOM })],
      least: [chat({ reasoning_effort: least }, { prompt: RIDDLE, limit: ROOM })],
    },
    *judge({ high, least: low }) {
      const got = `${word(reasons(high!))} with high, ${word(reasons(low!))} with ${least}`
      if (least !== 'none') yield seen('accepted', placeOf(high!), got)
      else if (reasons(low!)) yield seen('ignored', placeOf(low!), got)
      else yield seen(reasons(high!) ? 'honoured' : 'accepted', placeOf(high!), got)
    },
  }
}

/** `RIFF`, with which every WAV file begins, in base64. */
const RIFF = 'UklGR'

/** The voice can only be heard. */
export const givesAudio: Observer = ({ path }) => {
  if (path.startsWith('audio.voice')) return undefined
  return {
    title: 'The modality audio gives message.audio with data in the format asked for',
    ask: { reply: [chat({ modalities: ['text', 'audio'], audio: { format: 'wav', voice: 'alloy' } })] },
    *judge({ reply }) {
      const data = asString(dig(reply!.choice?.message, 'audio', 'data'))
      const where = placeOf(reply!)
      if (!data) yield seen('ignored', where, 'no audio')
      else if (data.startsWith(RIFF)) yield seen('honoured', where, `${data.length} characters of WAV`)
      else yield seen('altered', where, `${data.slice(0, 12)}…, which is not WAV`)
    },
  }
}

/** What model and policy do shows only where an input is bad, and none is sent. */
export const addsModeration: Observer = ({ path }) => {
  if (path !== 'moderation') return undefined
  return {
    title: 'moderation adds the key moderation to the answer',
    ask: { reply: [chat({ moderation: { model: 'omni-moderation-latest' } })] },
    *judge({ reply }) {
      const there = isObject(reply!.reply?.moderation)
      yield seen(there ? 'honoured' : 'ignored', placeOf(reply!), there ? 'moderation' : 'no moderation')
    },
  }
}

const METADATA = { run: 'assay' }

/** The answer may leave the key out, and a service tier may become another one. */
export const echoed: Observer = ({ path }) => {
  const value: Json = path === 'metadata' ? METADATA : 'default'
  return {
    title: `${path} comes back in the answer, where it has a key for it`,
    ask: { reply: [chat(path === 'metadata' ? { metadata: value, store: true } : { [path]: value })] },
    *judge({ reply }) {
      const back = reply!.reply?.[path]
      const where = back === undefined ? placeOf(reply!) : reply!.pointed(`/${path}`)
      if (back === undefined || back === null) yield seen('accepted', where, `no ${path} in the answer`)
      // Who ignores the tier shows the default one, too.
      else if (path !== 'metadata') yield seen('accepted', where, canonical(back))
      else yield seen(canonical(back) === canonical(value) ? 'honoured' : 'altered', where, canonical(back))
    },
  }
}

export const selectsModel = common.selectsModel(chat(), chat({ model: NOBODY }, { limit: 8 }))
