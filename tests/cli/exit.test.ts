import { describe, expect, test } from 'vitest'
import { type ExitFlags, exitStatus } from '../../cli/exit.ts'
import type { VerdictLine } from '../../reports/record/types.ts'

function line(verdict: VerdictLine['verdict'], more: Partial<VerdictLine> = {}): VerdictLine {
  return {
    type: 'verdict',
    id: `d/s/${verdict}`,
    kind: 'check',
    title: '',
    verdict,
    level: 'must',
    message: '',
    requirements: [],
    fix: '',
    findings: [],
    exchanges: [],
    ...more,
  }
}

const pass = line('pass')
const fail = line('fail')
const open = line('inconclusive')
const error = line('error')
const blocked = line('skip', { skip: { reason: 'blocked', by: 'x' } })
const unavailable = line('skip', { skip: { reason: 'unavailable' } })
const chosen = line('skip', { skip: { reason: 'chosen' } })
const may = { level: 'may' as const }

const cases: [what: string, lines: VerdictLine[], flags: ExitFlags, status: number][] = [
  ['all pass', [pass], {}, 0],
  ['a warning', [line('warn')], {}, 0],
  ['a fail', [pass, fail], {}, 1],
  ['a fail at may level', [pass, line('fail', may)], {}, 1],
  ['an error before a fail', [fail, error], {}, 3],
  ['only an error', [error], {}, 3],
  ['a fail before something open', [fail, open], {}, 1],
  ['something open', [pass, open], {}, 4],
  ['something blocked', [pass, blocked], {}, 4],
  ['something not available', [pass, unavailable], {}, 4],
  ['a skip by choice', [pass, chosen], {}, 0],
  ['open at may level', [pass, line('inconclusive', may)], {}, 0],
  ['blocked at may level', [pass, { ...blocked, level: 'may' }], {}, 0],
  ['open, and allowed', [pass, open], { allowUnproven: true }, 0],
  ['a fail, and open allowed', [fail, open], { allowUnproven: true }, 1],
  ['an error, and open allowed', [pass, error], { allowUnproven: true }, 3],
  ['nothing', [], {}, 2],
  ['only skips by choice', [chosen], {}, 2],
  ['only open questions', [open, blocked], {}, 2],
  ['only open questions, and allowed', [open], { allowUnproven: true }, 2],
  ['unreachable, so nothing judged', [open], { unreachable: true }, 3],
  ['interrupted before anything', [], { interrupted: true }, 130],
  ['interrupted, with a fail', [fail], { interrupted: true }, 130],
  ['interrupted, all pass', [pass], { interrupted: true, allowUnproven: true }, 130],
  ['a known fail', [pass, fail], { known: new Set([fail.id]) }, 0],
  ['a known fail alone', [fail], { known: new Set([fail.id]) }, 0],
  ['a known fail and another', [fail, line('fail', { id: 'y' })], { known: new Set([fail.id]) }, 1],
  ['a known fail and something open', [fail, open], { known: new Set([fail.id]) }, 4],
  ['a stale entry', [pass], { stale: [pass.id] }, 1],
  ['a stale entry, and open allowed', [pass, open], { stale: [pass.id], allowUnproven: true }, 1],
]

describe('the exit status', () => {
  test.each(cases)('%s', (_, lines, flags, status) => {
    expect(exitStatus(lines, flags)).toBe(status)
    expect(exitStatus(lines.toReversed(), flags)).toBe(status)
  })
})
