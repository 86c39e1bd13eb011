/** Observers that are the same in every dialect but for the probes. */
import { finding, type Placed } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'
import type { Naming } from '../requests/served-models.ts'
import { type Effect, type Observer, seen } from './effect.ts'

/** How much of an answer is shown. */
export function quote(view: StreamView): string {
  return JSON.stringify(view.content.slice(0, 80))
}

/** `stream` is the one field whose failure is no refusal: a success of the wrong kind. */
export function streams(stream: Probe, plain: Probe): Observer<StreamView> {
  return () => ({
    title: 'stream: true is answered by an event stream, no stream by one JSON body',
    ask: { on: [stream], off: [plain] },
    *judge({ on, off }) {
      const told = `${on!.mediaType} with stream, ${off!.mediaType} without`
      if (on!.isStream && !off!.isStream) yield seen('honoured', on!, told)
      else yield seen('ignored', on!.isStream ? off! : on!, told)
    },
  })
}

/** Words of the history come back in the answer. A model may forget: it is asked again. */
export function comesBack<V extends StreamView>(
  title: string,
  probe: Probe,
  words: string[],
  placeOf: (view: V) => Placed,
): Effect<V> {
  const there = (reply: V) => words.every((word) => reply.content.includes(word))
  return {
    title,
    ask: { reply: [probe] },
    elicit: { ask: 'reply', shows: (reply) => !reply.answered || there(reply) },
    *judge({ reply }) {
      yield seen('honoured', placeOf(reply!), quote(reply!))
    },
  }
}

/** Names of models differ in case, prefix and date; what matters is that another model is not served instead. */
export function selectsModel(plain: Probe, unknown: Probe): Observer<Naming> {
  return (_field, { model }) => ({
    title: 'The model asked for answers, and an unknown model is refused',
    ask: { reply: [plain], unknown: [unknown] },
    unsettled: ['unknown'],
    *judge(asked) {
      const { status, statusPlace } = asked.unknown!
      const got = `asked ${model}, answered ${asked.reply!.model}; unknown model: status ${status}`
      if (status >= 400 && status < 500 && status !== 429)
        yield seen('honoured', asked.reply!.statusPlace, got)
      else if (status < 200 || status > 299) yield { inconclusive: got }
      else {
        // A warning at most: some gateways fall back on another model on purpose.
        yield finding(statusPlace, 'an unknown model is refused', got, { by: 'should' })
        yield seen('accepted', statusPlace, got)
      }
    },
  })
}
