import type { Exchange, JsonObject } from '../../reports/record/types.ts'
import { type Check, finding, type Ground, note } from '../core/check.ts'
import { unsuccessful } from '../core/conversation.ts'
import type { Blocked, Probe, Step } from '../core/probe.ts'
import { ask, ONE_CITY, PLAIN } from './ask.ts'
import type { Block } from './message.ts'
import { OFFICIAL, onlyObserved, refusedWith400, unsupported } from './observed.ts'
import { CALL, ROOM, THINKING, TOOLS } from './thinking.ts'
import { answerCalls, assistant, replayed, user } from './tools/replay.ts'
import { text } from './tools/results.ts'
import { MessagesView } from './view.ts'

/** What Anthropic documents for tests: a prompt with it is answered with thinking that is encrypted, on some models. */
const REDACTED =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB'
const HIDDEN = ask(THINKING, { prompt: REDACTED, ...ROOM })

/** The turn with results after a call that was thought over, its thinking blocks changed by `change`. */
function sentBack(change: (block: Block) => JsonObject = ({ replay }) => replay): Step {
  return (sofar: Exchange[]): Probe | Blocked => {
    const view = new MessagesView(sofar[0]!)
    if (!view.thinking.some(({ type }) => type === 'thinking'))
      return { blocked: 'the first turn has no thinking' }
    const turn = () =>
      assistant(
        view.message!.blocks.map((block) => (block.type === 'thinking' ? change(block) : block.replay)),
      )
    const step = answerCalls({ prompt: ONE_CITY, fields: TOOLS, more: ROOM, turn })
    return (step as (sofar: Exchange[]) => Probe | Blocked)(sofar)
  }
}

/** One character in the middle is another one. */
function altered(signature: string): string {
  const middle = Math.floor(signature.length / 2)
  const other = signature[middle] === 'A' ? 'B' : 'A'
  return `${signature.slice(0, middle)}${other}${signature.slice(middle + 1)}`
}

function withoutSignature({ replay }: Block): JsonObject {
  const { signature: _, ...rest } = replay
  return rest
}

const NEEDS = ['anthropic-messages/thinking/replay']

/** Thinking that comes back in history: byte for byte, changed, and made up. */
export function thinkingHistory({ level }: Ground): Check<MessagesView>[] {
  return [
    {
      id: 'anthropic-messages/thinking/replay',
      title: 'A turn of thinking and a call, sent back byte for byte with the result, is answered',
      requirements: ['ANT-THINK-replay', 'ANT-REQ-messages-content-thinking'],
      fix: 'Deliver signatures whole and unchanged; pass thinking blocks in history on as they come.',
      needs: ['anthropic-messages/thinking/with-tools'],
      ask: { reply: [CALL, sentBack()] },
      judge: ({ reply }) => text(reply!),
    },
    {
      id: 'anthropic-messages/thinking/altered-signature',
      title: 'A thinking block whose signature was altered is refused with 400',
      requirements: ['ANT-THINK-signature'],
      fix: 'Pass signatures on for the upstream to judge; never put one of your own in their place.',
      needs: NEEDS,
      expects: 'any',
      ask: {
        reply: [CALL, sentBack(({ replay, signature }) => ({ ...replay, signature: altered(signature) }))],
      },
      judge: ({ reply }) => refusedWith400(reply!, 'an altered signature', OFFICIAL),
    },
    {
      id: 'anthropic-messages/thinking/dropped-signature',
      title: 'A thinking block without its signature is refused or answered, never with a 5xx',
      requirements: ['ANT-THINK-unsigned'],
      fix: 'Refuse with 400, or drop the unsigned block; never forge a signature.',
      needs: NEEDS,
      expects: 'any',
      ask: { reply: [CALL, sentBack(withoutSignature)] },
      judge: ({ reply }) => onlyObserved(reply!, 'thinking without a signature'),
    },
    {
      id: 'anthropic-messages/thinking/redacted',
      title: 'Redacted thinking, where it comes, has data, and is accepted back unchanged',
      requirements: ['ANT-THINK-redacted', 'ANT-REQ-messages-content-redacted_thinking'],
      fix: 'Deliver redacted_thinking blocks with their data, and pass them on in history as they come.',
      needs: ['anthropic-messages/thinking/reply'],
      expects: 'any',
      ask: { reply: [HIDDEN, goOn] },
      *judge({ reply }) {
        const [first, second] = reply!.turns
        if (!first!.succeeded) {
          yield unsuccessful(first!)
          return
        }
        const hidden = redactedIn(first!)
        for (const { raw, where } of hidden) {
          if (typeof raw.data === 'string' && raw.data !== '') continue
          const requirement = 'ANT-RES-block-redacted'
          yield finding(where, 'data: a non-empty string', raw.data, { requirement })
        }
        if (second !== undefined && !second.succeeded) {
          yield { ...unsuccessful(second), requirement: 'ANT-THINK-replay' }
        }
        yield note(first!.message!.where, `${hidden.length} redacted_thinking block(s)`)
      },
    },
    {
      id: 'anthropic-messages/thinking/history-ignored',
      title:
        'A thinking block with a made-up signature in history is accepted where the document says it is ignored',
      requirements: ['TH-ANT-MSG-thinking', 'TH-ANT-MSG-thinking-old'],
      fix: 'Drop thinking blocks from history; do not refuse them.',
      expects: 'any',
      ask: {
        reply: [madeUp({ type: 'thinking', thinking: 'One word will do.', signature: 'bWFkZS11cA==' })],
      },
      *judge({ reply }) {
        if (reply!.succeeded) return
        // The older page does not say that no error is reported.
        const refused = reply!.status >= 400 && reply!.status < 500
        const mild = refused && level(['TH-ANT-MSG-thinking']) === undefined
        yield { ...unsuccessful(reply!), ...(mild ? { contradiction: 'C-71' } : {}) }
      },
    },
    {
      id: 'anthropic-messages/thinking/history-redacted',
      title: 'A redacted_thinking block in history, which is not supported, is refused with a clean 4xx',
      requirements: ['TH-ANT-MSG-redacted_thinking'],
      fix: 'Refuse with a 4xx and the envelope, or drop the block; never 5xx.',
      expects: 'any',
      ask: { reply: [madeUp({ type: 'redacted_thinking', data: 'bWFkZS11cA==' })] },
      judge: ({ reply }) => unsupported(reply!, 'a redacted_thinking block'),
    },
  ]
}

function redactedIn(view: MessagesView): Block[] {
  return view.thinking.filter(({ type }) => type === 'redacted_thinking')
}

/** The next turn after redacted thinking; nothing more to ask where none came. */
function goOn(sofar: Exchange[]): Probe | undefined {
  const view = new MessagesView(sofar[0]!)
  if (redactedIn(view).length === 0) return undefined
  return ask(THINKING, { messages: [user(REDACTED), replayed(view), user(PLAIN)], ...ROOM })
}

/** A history whose assistant turn begins with `block`. */
function madeUp(block: JsonObject): Probe {
  const said = assistant([block, { type: 'text', text: 'Hello.' }])
  return ask({}, { messages: [user('Say hello.'), said, user(PLAIN)] })
}
