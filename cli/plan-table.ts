import { type Plan, plan, type Selected } from '../suites/core/select.ts'

export interface PlanRow extends Plan {
  subject: string
}

/**
 * The plan by subject, in the order of asking. Probes that subjects share are counted where they come first, so that
 * the rows add up to the whole.
 */
export function planRows(selected: Selected[], model: string): PlanRow[] {
  const rows: PlanRow[] = []
  for (const part of selected) {
    const ids = [...part.checks.keys(), ...part.rules.map((rule) => rule.id)]
    const subjects = [...new Set(ids.map(subjectOf))]
    let before: Plan = { checks: 0, requests: 0, tokens: 0 }
    for (let upTo = 1; upTo <= subjects.length; upTo += 1) {
      const among = new Set(subjects.slice(0, upTo))
      const now = plan([within(part, among)], model)
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

/** The plan as a table, widest columns first aligned; numbers grouped by threes. */
export function planTable(rows: PlanRow[], whole: Plan): string {
  const all = [...rows, { subject: 'in all', ...whole }]
  const cells = all.map(({ subject, checks, requests, tokens }) => [
    subject,
    figure(checks),
    figure(requests),
    figure(tokens),
  ])
  const head = ['subject', 'checks', 'requests', 'tokens at most']
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)))
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [line(head), rule, ...cells.slice(0, -1).map(line), rule, line(cells.at(-1)!)].join('\n')
}

function figure(value: number): string {
  return value.toLocaleString('en-US')
}
