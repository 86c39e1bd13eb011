import { type Check, finding } from '../core/check.ts'
import { unsuccessful } from '../core/conversation.ts'
import type { Probe } from '../core/probe.ts'
import type { StreamView } from '../core/stream-view.ts'
import { CLEAN, onlyObserved } from './clean.ts'

/** The plain request, written in another way. */
export function jsonForms(dialect: string): Check<StreamView> {
  return {
    id: `${dialect}/access/json-forms`,
    title: 'A body with white space, escapes and another order of names is accepted',
    requirements: ['JSON-accept-any-form'],
    fix: 'Read the body with a JSON parser.',
    expects: 'any',
    ask: {
      reply: [
        {
          dialect,
          // Written out: as a value it would be the same probe as any other plain one.
          repeat: {
            head: '\r\n{ "$limit" :\t16, "mess\\u0061ges": [ { "content": "Reply with the single word \\u004f\\u004B.",\n"role" : "user" } ]\n, "model" : "$model" } ',
            unit: '\n',
            times: 1,
            tail: '',
          },
        },
      ],
    },
    *judge({ reply }) {
      if (!reply!.succeeded) yield unsuccessful(reply!)
    },
  }
}

/** A prompt with half a character: JSON.stringify writes it as its escape, so that the body stays valid JSON. */
const HALF = 'Reply with the single word OK. \ud83d'

/** A text that is right JSON and no right text. `probe` asks a prompt, whole or streamed. */
export function loneSurrogate(
  dialect: string,
  requirements: string[],
  probe: (prompt: string, stream: boolean) => Probe,
): Check<StreamView> {
  return {
    id: `${dialect}/messages/lone-surrogate`,
    title: 'A lone surrogate escape in a string is answered or refused with 400, never with a 5xx',
    requirements,
    fix: 'Refuse with 400, or replace it by U+FFFD; the same with and without stream.',
    expects: 'any',
    ask: { whole: [probe(HALF, false)], stream: [probe(HALF, true)] },
    *judge({ whole, stream }) {
      for (const view of [whole!, stream!]) {
        yield* onlyObserved(view, 'a lone surrogate')
        if (view.streamError === undefined) continue
        const wanted = 'a refusal before the stream, or an answer'
        yield finding(view.streamError, wanted, 'an error inside the stream', { requirement: CLEAN })
      }
    },
  }
}
