import { finding, type Rule } from '../core/check.ts'
import type { View } from '../core/view.ts'
import { emptyRecord } from './sse.ts'

const streamed = (view: View): boolean => view.isStream

/**
 * What the OpenAI clients make of records that the law of event streams allows. Clients of other dialects pass over an
 * event without data, and over a name that they do not know.
 */
export function openaiReaderRules(dialect: string): Rule[] {
  return [
    {
      id: `${dialect}/sse/empty-event`,
      title: 'No event comes without data: clients parse the empty string as JSON and throw',
      requirements: ['OAI-CHAT-sdk-node', 'SSE-comments'],
      fix: 'Send heartbeats as comment lines (": ping").',
      tier: 'client:openai-node',
      on: streamed,
      *judge(view) {
        const empty = emptyRecord(view)
        if (empty === undefined) return
        yield finding(
          view.at(empty.start, empty.end - empty.start),
          'events with data, or comments',
          empty.text,
          {
            by: 'client:openai-node',
            why: 'openai-node and openai-python dispatch a record without data and fail on JSON.parse("")',
          },
        )
      },
    },
    {
      id: `${dialect}/sse/comment-first`,
      title: 'No comment with a blank line stands before the first event',
      requirements: ['SSE-comments'],
      fix: 'Write a comment with one line end, or after the first data.',
      on: streamed,
      *judge(view) {
        const [event] = view.sse.events
        const comment = view.sse.comments.find(({ end, eol }) => {
          const after = view.body[end + eol.length]
          return after === 0x0a || after === 0x0d
        })
        if (comment === undefined || event === undefined || comment.start > event.start) return
        yield finding(
          view.at(comment.start, comment.end - comment.start),
          'data first',
          'a comment and a blank line',
          {
            by: 'should',
            why: 'openai-go and early openai-python dispatch an empty event for it',
          },
        )
      },
    },
    {
      id: `${dialect}/sse/id-and-comment`,
      title: 'No comment with a blank line stands in a stream whose events have ids',
      requirements: ['SSE-comments'],
      fix: 'Leave out id lines, or write comments with one line end.',
      on: (view) => streamed(view) && view.sse.lastEventId !== '',
      *judge(view) {
        for (const comment of view.sse.comments) {
          const after = view.body[comment.end + comment.eol.length]
          if (after !== 0x0a && after !== 0x0d) continue
          yield finding(
            view.at(comment.start, comment.end - comment.start),
            'no blank line after a comment',
            'one',
            {
              by: 'should',
              why: 'openai-python dispatches an empty event where an id was seen',
            },
          )
          return
        }
      },
    },
  ]
}
