/** What a limits run is asked, once for requests (`rpm`) and once for tokens (`tpm`). */

import type { Level } from '../../reports/record/types.ts'
import type { FindingId } from '../infer/findings/types.ts'

export type QuestionName =
  | 'limit'
  | 'scope'
  | 'enforcement'
  | 'charging'
  | 'reset'
  | 'bypass'
  | 'availability'
  | 'retry-after'
  | 'status'
  | 'envelope'
  | 'headers'

export interface Question {
  name: QuestionName
  level: Level
  title: string
  fix: string
  asks: string
  by: string
  /** Faults that turn it red. */
  findings: FindingId[]
  /** Requirements that it answers, where the profile holds them. */
  requirements: string[]
}

const WORD_OF_THE_LIMIT =
  'the limit that the config expects, or that the profile documents for this key: then a deviation fails; else good practice, and it warns'

export const QUESTIONS: readonly Question[] = [
  {
    name: 'limit',
    level: 'must',
    title: 'The limit is what was promised',
    fix: 'Enforce the limit that is documented, or document the one that is enforced.',
    asks: 'The limit and the window that were inferred, as a rate a minute, against the promised one: 2 % of the limit and 5 % of the window are the tolerance. Without a promise it is only stated.',
    by: 'load.limits of the config; else the limits of the profile for this key role',
    findings: [],
    requirements: [],
  },
  {
    name: 'scope',
    level: 'may',
    title: 'The limit counts for whom it should',
    fix: 'Count for each key of its own, where that is what is documented.',
    asks: 'While the examined key was shut: was another key let in, and another model?',
    by: 'the profile, where it says for whom a limit counts',
    findings: [],
    requirements: ['PT-RATE-per-token', 'TPE-KEY-tpm'],
  },
  {
    name: 'enforcement',
    level: 'must',
    title: 'The limit holds when much is asked at once',
    fix: 'Check and take in one step (a Lua script, INCR before the comparison, a lock), not one after the other.',
    asks: 'Three times the limit at once (twice above 150 requests), two times running: more than 1.2 times the limit let in, and nothing just after it, is a race.',
    by: WORD_OF_THE_LIMIT,
    findings: ['race'],
    requirements: [],
  },
  {
    name: 'charging',
    level: 'may',
    title: 'Each request is charged once, whatever becomes of it',
    fix: 'Charge or reserve at admission, once a request; settle at the end, also where the client has hung up.',
    asks: 'Streams that are given up early, streams of many chunks beside whole answers of that length, and more than the limit in streams that last: how much of the limit is left then, and when? Where a remaining header is sent, by how much does it fall?',
    by: 'for requests that count several times, the word of the limit; else good practice',
    findings: ['charged-at-end', 'hang-up-free', 'counts-chunks', 'counts-several-times'],
    requirements: [],
  },
  {
    name: 'reset',
    level: 'must',
    title: 'What is shut opens again, also for who asks meanwhile',
    fix: 'Let windows end when they end: do not set the expiry again with each refused request, and set it at all.',
    asks: 'Is it open after a silence, and does asking keep it shut for much longer than the silence that is enough?',
    by: WORD_OF_THE_LIMIT,
    findings: ['never-resets', 'extended-by-refusals'],
    requirements: [],
  },
  {
    name: 'bypass',
    level: 'must',
    title: 'Two bounds that disagree do not get round the limit',
    fix: 'Reserve the greater of max_tokens and max_completion_tokens, or refuse a request that has both with 400.',
    asks: 'Does a great bound take the same room when the other field has a small one beside it?',
    by: WORD_OF_THE_LIMIT,
    findings: ['bypassed-by-conflict'],
    requirements: [],
  },
  {
    name: 'availability',
    level: 'may',
    title: 'The limit holds all the time',
    fix: 'Count in process, or refuse, while the store of the counters is away.',
    asks: 'Was there a time in which nothing was refused, however much was sent, before or after one in which it was? An outage that falls between the fills is not seen.',
    by: WORD_OF_THE_LIMIT,
    findings: ['fails-open'],
    requirements: [],
  },
  {
    name: 'retry-after',
    level: 'may',
    title: 'Retry-After says when to come back',
    fix: 'Send Retry-After with every refusal: whole seconds, rounded up, until the same request is let in if nothing else is sent.',
    asks: 'Is it there? Waited in silence exactly so long: let in? Waited less than half of 3 s or more: refused? Two times each.',
    by: 'the profile, where it promises the header; else RFC 9110, 10.2.3: good practice',
    findings: ['retry-after-missing', 'retry-after-too-short', 'retry-after-too-long'],
    requirements: ['ANT-ERR-429', 'OAI-CHAT-error-retry-after'],
  },
  {
    name: 'status',
    level: 'must',
    title: 'Over the limit the answer is 429',
    fix: 'Answer 429; do not drop the connection, and keep 503 and 403 for what they mean.',
    asks: 'The status of every refusal.',
    by: 'the profile; else RFC 6585: good practice',
    findings: ['dropped-connection', 'refusal-status'],
    requirements: ['PT-RATE-429', 'PT-ERR-429', 'OAI-CHAT-error-429', 'ANT-ERR-429', 'PT-RATE-token-limit'],
  },
  {
    name: 'envelope',
    level: 'may',
    title: 'A refusal has the error object of the dialect',
    fix: 'Answer the error object of the dialect from every layer that refuses, the proxy in front included.',
    asks: 'The body of every refusal.',
    by: 'the profile, where it documents the body of a 429; else the official specification',
    findings: ['empty-refusal-body', 'refusal-envelope'],
    requirements: ['OAI-CHAT-error-429', 'ANT-ERR-429'],
  },
  {
    name: 'headers',
    level: 'may',
    title: 'The rate limit headers tell what is so',
    fix: 'Compute remaining and limit from the counter that decides; leave the headers out where they are not known.',
    asks: 'x-ratelimit-*, anthropic-ratelimit-* and ratelimit-* of this kind, where they are sent: does remaining fall, is it spent when a request is refused, is the limit the one that was seen (10 %)?',
    by: 'good practice',
    findings: ['remaining-never-falls', 'remaining-wrong', 'limit-header-wrong'],
    requirements: ['HTTP-limit-headers'],
  },
]
