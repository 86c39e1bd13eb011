import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Newest from '@anthropic-ai/sdk'
import Last from 'anthropic-sdk-0'
import { describe, expect, it } from 'vitest'
import { helped } from './anthropic-sdk.ts'

/** Both generations of the official client as witnesses of the vectors: what they take, and what they break on. */

interface Vector {
  name: string
  ended?: 'cut'
  events: { type: string; data: string }[]
  findings: { rule: string; event: number }[]
}

const { vectors } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'vectors/anthropic-messages.json'), 'utf8'),
) as { vectors: Vector[] }

const SDKS = [
  ['1.12.0', Newest],
  ['0.137.0', Last],
] as const

/** An event of type `message` is one that has no event line. */
const textOf = ({ events }: Vector) =>
  events.map(({ type, data }) => `${type === 'message' ? '' : `event: ${type}\n`}data: ${data}\n\n`).join('')

const right = vectors.filter((v) => v.findings.length === 0 && v.ended === undefined)
const failed = right.filter((v) => v.events.some((e) => e.type === 'error'))
const whole = right.filter((v) => !failed.includes(v))

/** Rules whose streams the helper of both cannot put together at all. */
const THROWS = [
  'empty-stream',
  'data-not-json',
  'message-start-missing',
  'message-start-twice',
  'message-stop-missing',
]

/** It does not throw on this one: see below. */
const LATE = 'message-start-missing: it comes after a block'

describe.each(SDKS)('the helper of @anthropic-ai/sdk %s', (_, sdk) => {
  it.each(whole.map((v): [string, Vector] => [v.name, v]))('takes %s', async (name, vector) => {
    const got = await helped(sdk, textOf(vector))
    const starts = vector.events.filter((e) => e.type === 'content_block_start')
    expect(got, name).not.toMatch(/^throws/)
    expect(JSON.parse(got)).toHaveLength(starts.length)
  })

  it.each(failed.map((v): [string, Vector] => [v.name, v]))(
    'throws the error of %s',
    async (_name, vector) => {
      expect(await helped(sdk, textOf(vector))).toMatch(/^throws .*overloaded_error/)
    },
  )

  const broken = vectors.filter(
    (v) => v.findings.length === 1 && THROWS.includes(v.findings[0]?.rule ?? '') && v.name !== LATE,
  )
  it.each(broken.map((v): [string, Vector] => [v.name, v]))('throws on %s', async (_name, vector) => {
    expect(await helped(sdk, textOf(vector))).toMatch(/^throws/)
  })
})

describe('what the helpers make of streams that are broken otherwise', () => {
  const vector = (name: string) => vectors.find((v) => v.name === name) ?? vectors[0]
  const both = (name: string) =>
    Promise.all(SDKS.map(([, sdk]) => helped(sdk, textOf(vector(name) as Vector))))

  it('loses the blocks before a late message_start', async () => {
    expect(await both(LATE)).toEqual(['[]', '[]'])
  })

  it('loses what an unnamed event says', async () => {
    expect(await both('unnamed-event: one record without an event line')).toEqual(
      SDKS.map(() => '[{"type":"text","text":""}]'),
    )
  })

  it('loses the text of a delta with the index of no block', async () => {
    expect(await both('block-not-opened: start 0, delta 1, stop 0')).toEqual(
      SDKS.map(() => '[{"type":"text","text":""}]'),
    )
  })

  it('drops a delta of a type that the block cannot take', async () => {
    expect(await both('delta-type: thinking in a text block')).toEqual(
      SDKS.map(() => '[{"type":"text","text":""}]'),
    )
  })

  it('keeps the last of two signatures', async () => {
    for (const got of await both('signature-twice')) expect(got).toContain('"signature":"T"')
  })

  it('throws on a named [DONE], and passes over an unnamed one', async () => {
    for (const got of await both('done-marker: named')) expect(got).toMatch(/^throws .*not valid JSON/)
    for (const got of await both('done-marker: unnamed, after message_stop')) expect(got).toContain('Hi')
  })
})
