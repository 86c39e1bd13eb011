import { seen } from '../../../fields/effect.ts'
import * as common from '../../../fields/observers.ts'
import { chat } from '../../ask.ts'
import { usageOf } from '../../chunk.ts'
import type { ChatView } from '../../view.ts'
import { type Observer, placeOf } from './effect.ts'

const STREAM = chat({ stream: true })

export const streams = common.streams(STREAM, chat())

function carriers(view: ChatView): number {
  return view.chunks.filter(usageOf).length
}

export const addsUsageChunk: Observer = () => ({
  title: 'stream_options.include_usage adds a chunk with usage',
  ask: { on: [chat({ stream: true, stream_options: { include_usage: true } })], off: [STREAM] },
  *judge({ on, off }) {
    const told = `${carriers(on!)} chunk(s) with usage with include_usage, ${carriers(off!)} without`
    // Usage that comes unasked does not take away what was asked for.
    yield seen(carriers(on!) > 0 ? 'honoured' : 'ignored', placeOf(on!), told)
  },
})

function padded(view: ChatView): number {
  return view.chunks.filter((chunk) => typeof chunk.value.obfuscation === 'string').length
}

export const padsChunks: Observer = () => ({
  title: 'include_obfuscation: true pads the chunks, false does not',
  ask: {
    on: [chat({ stream: true, stream_options: { include_obfuscation: true } })],
    off: [chat({ stream: true, stream_options: { include_obfuscation: false } })],
  },
  *judge({ on, off }) {
    const told = `${padded(on!)} padded chunk(s) with true, ${padded(off!)} with false`
    yield seen(padded(on!) > 0 && padded(off!) === 0 ? 'honoured' : 'ignored', placeOf(on!), told)
  },
})
