import { finding, note, type Rule } from '../core/check.ts'
import { asArray, asInteger, dig } from '../core/dig.ts'
import { choicesOf } from './chunk.ts'
import type { ChatView } from './view.ts'

const FIELDS = ['reasoning_content', 'reasoning']

/** Where an answer carries reasoning, and how. */
export const reasoning: Rule<ChatView>[] = [
  {
    id: 'openai-chat/reasoning/apart',
    title: 'Reasoning stands in a field of its own, as a string, and not as tags in the text',
    requirements: ['TH-OAI-RES-reasoning_content'],
    tier: 'official',
    fix: 'Take <think> … </think> out of content and send it as reasoning_content, streamed too.',
    on: (view) => view.succeeded,
    *judge(view) {
      for (const choice of view.choices) {
        if (/^\s*<(?:think|thinking|mm:think)>/.test(choice.content ?? '')) {
          yield finding(choice.where, 'content without <think>', choice.content, { by: 'should' })
        }
      }
      for (const holder of holders(view)) {
        for (const field of FIELDS) {
          const value = dig(holder, field)
          if (value === undefined || value === null || typeof value === 'string') continue
          if (field === 'reasoning' && typeof value === 'object') continue
          yield finding(view, `${field}: a string or null`, value, { by: 'should' })
          return
        }
      }
    },
  },
  {
    id: 'openai-chat/reasoning/counted',
    title: 'Reasoning that is shown is counted in reasoning_tokens',
    requirements: ['TH-OAI-RES-usage-reasoning'],
    fix: 'Count the tokens of reasoning_content in completion_tokens_details.reasoning_tokens.',
    on: (view) =>
      view.succeeded && view.usage !== undefined && view.choices.some((choice) => choice.reasoning),
    *judge(view) {
      const count = asInteger(dig(view.usage!.raw, 'completion_tokens_details', 'reasoning_tokens'))
      if (count === 0)
        yield finding(view.usage!.where, 'reasoning_tokens above 0', count, { contradiction: 'C-15' })
    },
  },
  {
    id: 'openai-chat/stream/empty-choices',
    title: 'Chunks without choices are within what the document’s samples read (recorded only)',
    requirements: ['TH-OAI-CLIENT-empty-choices-guard'],
    fix: 'Send usage in such a chunk only where it was asked for.',
    on: (view) => view.isStream && view.succeeded,
    *judge(view) {
      const empty = view.chunks.find(
        (chunk) => Array.isArray(chunk.value.choices) && choicesOf(chunk).length === 0,
      )
      if (empty !== undefined && dig(view.asked, 'stream_options', 'include_usage') !== true) {
        yield note(empty, 'choices [] though no usage was asked for')
      }
    },
  },
]

function holders(view: ChatView) {
  if (!view.isStream) return asArray(view.reply?.choices).map((choice) => dig(choice, 'message'))
  return view.chunks.flatMap((chunk) => choicesOf(chunk).map((choice) => dig(choice, 'delta')))
}
