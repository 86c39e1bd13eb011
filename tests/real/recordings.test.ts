/**
 * Real gateways as they were recorded, judged by the checks of today: offline and fast. A list that no longer fits is
 * a changed verdict: confirm it from the bytes before it is written down. `npx node scripts/record-gateways.ts` makes
 * the recording anew and shows what differs.
 */
import { readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { judgeRecord } from '../../cli/judge-session.ts'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { formatLine } from '../../reports/record/line.ts'
import type { RunRecord } from '../../reports/record/read.ts'
import type { VerdictLine } from '../../reports/record/types.ts'
import { loadSpecs } from '../../specs/load.ts'
import { dialects } from '../../suites/dialects.ts'
import { confirmed, readRecording, recordingFile, recordings, standingOut } from './expected.ts'

const NOTES = readFileSync(new URL('../../docs/field-notes.md', import.meta.url), 'utf8')
/** Share of the questions that a recording may leave unanswered because their probes are younger than it is. */
const MOST_UNANSWERED = 0.2

/** What says which kind of object it is, and the same text spoilt at equal length. */
const KINDS = [
  ['"object":"chat.completion"', '"object":"chat.complexion"'],
  ['"type":"message"', '"type":"massage"'],
] as const

const judge = (record: RunRecord) => judgeRecord(record, { specs: loadSpecs(), dialects })

/** Ids that the record cannot answer: their own probes, or those of a check that they need, are not in it. */
function unanswered(lines: readonly VerdictLine[], record: RunRecord): Set<string> {
  const was = new Map(record.verdicts.map((line) => [line.id, line.verdict]))
  const ids = new Set<string>()
  for (const { id, verdict, message } of lines) {
    if (verdict === 'inconclusive' && message === 'the record has no exchange for this probe') ids.add(id)
  }
  // Blocked checks block others in turn.
  for (let before = -1; before < ids.size; ) {
    before = ids.size
    for (const { id, skip } of lines) {
      if (skip?.reason === 'blocked' && ids.has(skip.by ?? '') && was.get(id) !== 'skip') ids.add(id)
    }
  }
  return ids
}

test('there is a recording', () => {
  expect(recordings()).toContain('portkey-openai')
})

describe.each(recordings())('%s', (name) => {
  test('judged again it stands out by what was confirmed, and by nothing else', async ({ annotate }) => {
    const record = await readRecording(name)
    const { lines, sameChecks } = await judge(record)
    const open = unanswered(lines, record)
    const answered = (line: { id: string }) => !open.has(line.id)
    expect(standingOut(lines.filter(answered))).toEqual(standingOut(confirmed(name).filter(answered)))
    expect(open.size / lines.length, 'unanswered: record it anew').toBeLessThan(MOST_UNANSWERED)
    if (open.size > 0) await annotate(`not in the recording of ${name}: ${[...open].join(', ')}`)
    if (sameChecks) {
      // By the law the record's own verdicts stand. (Words of a finding may have been mended since.)
      const words = (all: readonly VerdictLine[]) => all.map(({ id, verdict }) => `${id}: ${verdict}`).sort()
      expect(words(lines)).toEqual(words(record.verdicts))
      expect([...open]).toEqual([])
    }
  })

  test('it is the record of a run that came to its end', async () => {
    const record = await readRecording(name)
    expect(record.complete).toBe(true)
    expect(record.run.target.embedded).toBe(false)
    expect(record.exchanges.size).toBeGreaterThan(50)
  })

  test('a change in its bytes changes a verdict', async () => {
    const record = await readRecording(name)
    const before = standingOut((await judge(record)).lines)
    for (const exchange of record.exchanges.values()) {
      const text = Buffer.concat(exchange.reads.map((read) => read.bytes)).toString('latin1')
      const [right, wrong] =
        KINDS.find(([kind]) => text.includes(kind) && !text.includes('event-stream')) ?? []
      if (right === undefined || wrong === undefined) continue
      exchange.reads = [
        { at: exchange.reads[0]!.at, bytes: Buffer.from(text.replace(right, wrong), 'latin1') },
      ]
    }
    const after = standingOut((await judge(record)).lines)
    expect(after).not.toEqual(before)
    expect(after.join()).toMatch(/\/shape\/reply-types: fail/)
  })

  test('it is small, and holds no key and no path of a machine', async () => {
    expect(statSync(recordingFile(name)).size).toBeLessThan(512 * 1024)
    const record = await readRecording(name)
    const texts = [...record.exchanges.values()].flatMap((exchange) => [
      formatLine({ type: 'exchange', exchange: { ...exchange, reads: [] } }),
      Buffer.concat(exchange.reads.map((read) => read.bytes)).toString('latin1'),
    ])
    texts.push(formatLine(record.run), ...record.verdicts.map((line) => formatLine(line)))
    for (const text of texts) {
      expect(text).not.toMatch(/(?:^|[\s"'(=])\/(?:home|root|tmp|work|Users|var|opt)\//)
      for (const key of Object.values(KEYS)) expect(text).not.toContain(key)
    }
  })

  test('each confirmed verdict is told in the field notes', () => {
    const list = confirmed(name)
    expect(new Set(list.map(({ id }) => id)).size).toBe(list.length)
    for (const { id, reason, notes } of list) {
      expect(reason, id).not.toBe('')
      expect(notes, id).not.toEqual([])
      for (const note of notes) expect(NOTES, `${id}: ${note}`).toMatch(new RegExp(`^### ${note} `, 'm'))
    }
  })
})
