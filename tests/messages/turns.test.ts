import { describe, expect, test } from 'vitest'
import type { VerdictWord } from '../../reports/record/types.ts'
import { said, whole } from './answers.ts'
import { type Answer, lineOf } from './by-hand.ts'
import { message, refusal } from './exchange.ts'

type Row = [what: string, id: string, answer: Answer, expected: VerdictWord]

const text = (words: string): Answer => whole(message({ content: [said(words)] }))

describe('turns', () => {
  test.each<Row>([
    ['remembered', 'memory', text('7310.'), 'pass'],
    ['forgotten', 'memory', text('I cannot know.'), 'inconclusive'],
    ['refused', 'memory', () => refusal(400), 'fail'],
    ['both blocks', 'text-blocks', text('7310'), 'pass'],
    ['the first block alone', 'text-blocks', text('I will remember 7310.'), 'inconclusive'],
    ['blocks refused', 'text-blocks', () => refusal(400), 'fail'],
    ['merged', 'merged', text('7310'), 'pass'],
    ['the last turn lost', 'merged', text('7310, noted.'), 'inconclusive'],
    ['must alternate', 'merged', () => refusal(400), 'fail'],
    ['goes on', 'prefill', text(' 5 6 7 8 9 10'), 'pass'],
    ['begins anew', 'prefill', text('1 2 3 4 5 6 7 8 9 10'), 'fail'],
    ['speaks of something else', 'prefill', text('You stopped at four.'), 'inconclusive'],
    ['refused', 'prefill', () => refusal(400), 'fail'],
    ['system: served', 'system-role', text('OK'), 'pass'],
    ['system: refused', 'system-role', () => refusal(400), 'pass'],
    ['system: 500', 'system-role', () => refusal(500), 'fail'],
    ['empty: refused', 'empty-text', () => refusal(400), 'pass'],
    ['empty: served', 'empty-text', text('OK'), 'warn'],
  ])('%s: %s', async (_, id, answer, expected) => {
    const line = await lineOf(`turns/${id}`, 'anthropic', answer)
    expect(`${line.verdict} ${line.verdict === expected ? '' : line.message}`.trim()).toBe(expected)
  })
})
