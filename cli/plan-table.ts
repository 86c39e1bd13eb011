import { type Plan, plan } from '../suites/core/plan.ts'
import type { Selected } from '../suites/core/select.ts'

export interface PlanRow extends Plan {
  /** `<dialect>/<subject>`. */
  subject: string
}

/**
 * The plan by subject, in the order of asking. Probes that subjects share are counted where they come first, so that
 * the rows add up to the whole.
 */
export function planRows(selected: Selected[], model: string): PlanRow[] {
  const rows: PlanRow[] = []
  for (const [number, part] of selected.entries()) {
    // A check may ask in the dialect of a part that came before.
    const earlier = selected.slice(0, number)
    const ids = [...part.checks.keys(), ...part.rules.map((rule) => rule.id)]
    const subjects = [...new Set(ids.map(subjectOf))]
    let before: Plan = plan(earlier, model)
    for (let upTo = 1; upTo <= subjects.length; upTo += 1) {
      const among = new Set(subjects.slice(0, upTo))
      const now = plan([...earlier, within(part, among)], model)
      rows.push({
        subject: subjects[upTo - 1] ?? '',
        checks: now.checks - before.checks,
        requests: now.requests - before.requests,
        tokens: now.tokens - before.tokens,
      })
      before = now
    }
  }
  return rows
}

function within(part: Selected, subjects: ReadonlySet<string>): Selected {
  return {
    ...part,
    checks: new Map([...part.checks].filter(([id]) => subjects.has(subjectOf(id)))),
    rules: part.rules.filter((rule) => subjects.has(subjectOf(rule.id))),
  }
}

/** `openai-chat/stream` of `openai-chat/stream/usage-chunk`. */
export function subjectOf(id: string): string {
  return id.split('/').slice(0, 2).join('/')
}

/** The plan as a table; numbers grouped by threes. Of several dialects each has a sum of its own. */
export function planTable(rows: PlanRow[], whole: Plan): string {
  const dialects = [...Map.groupBy(rows, ({ subject }) => subject.split('/')[0] ?? '')]
  const groups = dialects.map(([dialect, group]) =>
    dialects.length > 1 ? [...group, { subject: `${dialect} in all`, ...sum(group) }] : group,
  )
  const blocks = [...groups, [{ subject: 'in all', ...whole }]].map((group) => group.map(cellsOf))
  const head = ['subject', 'checks', 'requests', 'tokens at most']
  const widths = head.map((title, i) =>
    Math.max(title.length, ...blocks.flat().map((row) => row[i]?.length ?? 0)),
  )
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [line(head), ...blocks.flatMap((block) => [rule, ...block.map(line)])].join('\n')
}

function cellsOf({ subject, checks, requests, tokens }: PlanRow): string[] {
  return [subject, figure(checks), figure(requests), figure(tokens)]
}

function sum(rows: readonly PlanRow[]): Plan {
  const total: Plan = { checks: 0, requests: 0, tokens: 0 }
  for (const key of ['checks', 'requests', 'tokens'] as const) {
    for (const row of rows) total[key] += row[key]
  }
  return total
}

function figure(value: number): string {
  return value.toLocaleString('en-US')
}
