/** What each fault is a deviation from, in a few words. */
import type { FindingId } from '../infer/findings/types.ts'
import { QUESTIONS, type QuestionName } from './questions.ts'

export const EXPECTED: Record<FindingId, string> = {
  race: 'no more than the limit, however much is asked at once',
  'charged-at-end': 'a charge or a reservation when a request is let in',
  'fails-open': 'a limit that holds all the time',
  'hang-up-free': 'a charge for streams that the client gives up',
  'counts-chunks': 'one request for one stream',
  'counts-several-times': 'one request for one request',
  'bypassed-by-conflict': 'the greater bound reserved where two disagree',
  'extended-by-refusals': 'a window that ends in its time, whatever is refused meanwhile',
  'never-resets': 'a limit that opens again',
  'retry-after-missing': 'Retry-After with every refusal',
  'retry-after-too-short': 'admission after the time that Retry-After says',
  'retry-after-too-long': 'a Retry-After near the time after which it is open',
  'remaining-never-falls': 'a remaining header that falls with what is taken',
  'remaining-wrong': 'a remaining header that is spent when a request is refused',
  'limit-header-wrong': 'a limit header with the limit that is enforced',
  'empty-refusal-body': 'the error object of the dialect',
  'refusal-envelope': 'the error object of the dialect',
  'refusal-status': 'status 429',
  'dropped-connection': 'status 429',
}

export const FAULTS_OF: ReadonlyMap<QuestionName, FindingId[]> = new Map(
  QUESTIONS.map(({ name, findings }) => [name, findings]),
)
