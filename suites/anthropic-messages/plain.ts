import { type Check, finding, note } from '../core/check.ts'
import { unsuccessful } from '../core/conversation.ts'
import { ask } from './ask.ts'
import { cutBeforeText } from './cut.ts'
import type { MessagesView } from './view.ts'

/** The two questions on which nearly all others rest. */
export const plain: Check<MessagesView>[] = [
  {
    id: 'anthropic-messages/plain/reply',
    title: 'A plain request is answered with 200 and one message, whose content is a text',
    requirements: [
      'ANT-MSG-endpoint',
      'ANT-RES-content',
      'ANT-RES-block-text',
      'TH-ANT-EP-messages',
      'TH-ANT-REQ-messages',
      'TH-ANT-MSG-string',
      'TPE-EP-messages',
      'TPE-HDR-content-type',
    ],
    fix: 'Answer POST {base}/v1/messages with status 200, application/json and a message object.',
    expects: 'any',
    ask: { reply: [ask()] },
    *judge({ reply }) {
      const doubt = ours(reply!)
      const blocks = reply!.message?.blocks ?? []
      if (doubt !== undefined) yield { inconclusive: doubt }
      else if (!reply!.succeeded) yield unsuccessful(reply!)
      else if (cutBeforeText(reply!)) yield note(reply!.message!.where, 'the limit came before any text')
      else if (reply!.stopReason === 'refusal') yield { inconclusive: 'the model refused to answer' }
      else if (reply!.content === '') {
        const got = blocks.map(({ type }) => type || 'a block without type').join(', ')
        yield finding(blocks[0]?.where ?? reply!.message!.where, 'a text block with text', got || 'no block')
      } else yield note(reply!, `answered ${JSON.stringify(reply!.content.slice(0, 60))}`)
    },
  },
  {
    id: 'anthropic-messages/plain/stream',
    title: 'stream: true is answered with 200, text/event-stream and the events of a message',
    requirements: [
      'ANT-REQ-stream',
      'ANT-SSE-block_delta',
      'TH-ANT-REQ-stream',
      'TH-ANT-SSE-content_block_delta',
      'TPE-SSE-undocumented',
    ],
    fix: 'Answer stream: true with status 200, Content-Type: text/event-stream and one named event a record.',
    needs: ['anthropic-messages/plain/reply'],
    expects: 'any',
    ask: { stream: [ask({ stream: true })] },
    *judge({ stream }) {
      const { streamError } = stream!
      if (!stream!.succeeded && streamError !== undefined && stream!.status === 200) {
        yield finding(
          streamError.pointed('/error'),
          'an answer',
          streamError.value.error ?? streamError.value,
        )
      } else if (!stream!.succeeded) yield unsuccessful(stream!)
      else if (cutBeforeText(stream!)) yield note(stream!.message!.where, 'the limit came before any text')
      else if (stream!.stopReason === 'refusal') yield { inconclusive: 'the model refused to answer' }
      else if (stream!.content === '') yield finding(stream!, 'deltas with text', 'none')
    },
  },
]

/**
 * What a refusal of the very first question may say of us rather than of the gateway: a wrong key, a wrong address, a model
 * that is not there, a version that this key may not use. One end cannot tell, so nothing is held against anybody.
 */
function ours(view: MessagesView): string | undefined {
  const { status, error } = view
  const said = `the plain question was refused with ${status}`
  if (status === 401 || status === 403) return `${said}: the key may be wrong as likely as the gateway`
  const words = [error?.code, error?.type, error?.message].filter((one) => typeof one === 'string').join(' ')
  if ((status === 400 || status === 404) && /\bmodel\b|model_not/i.test(words)) {
    return `${said}: the model may not exist here, or not be open to this key`
  }
  if (status === 400 && /anthropic-version/i.test(words)) {
    return `${said}: the version of the API in the profile may not be the gateway's`
  }
  return status === 404 || status === 405
    ? `${said}: the address may lack its prefix, or have the path twice`
    : undefined
}
