import junit, { type Builder, type TestCase } from 'junit-report-builder'
import { conclude } from './conclusion.ts'
import type { RunRecord } from './record/read.ts'
import type { Finding, VerdictLine } from './record/types.ts'
import { profileId } from './summary.ts'
import { safeText } from './terminal/safe-text.ts'

// The package is CommonJS and exports the builder itself; its types promise `exports.default`, which is not there.
const shared = junit as unknown as Builder

/** Findings told of one verdict; the rest are counted. */
const FINDINGS = 10
/** Characters of one text from the wire. */
const CLIP = 2000

/**
 * The record as JUnit XML: a testsuite for each dialect and subject, a testcase for each check and rule.
 *
 * | verdict | testcase |
 * |---|---|
 * | pass | passed |
 * | warn | passed, with the findings in system-out |
 * | fail | failure |
 * | error | error: assay's own fault |
 * | skip | skipped, its message saying why |
 * | inconclusive | skipped, its message beginning `inconclusive:` |
 *
 * JUnit has no word for a question without an answer. A failure would accuse the gateway of what nobody saw, a pass
 * would hide the gap; `skipped` does neither. Whether a gap is accepted is told by the exit status. A run that did
 * not come to its end, or judged nothing, has one more testcase, `assay / run finished`, with an error, so that it never reads as green.
 */
export function junitXml(record: RunRecord): string {
  const builder = shared.newBuilder().name(safeText(`assay: ${profileId(record.run)}`))
  const suites = new Map<string, ReturnType<Builder['testSuite']>>()
  const { word, exit, totals } = conclude(record)
  const suite = (name: string) => {
    const known = suites.get(name)
    if (known) return known
    const made = builder.testSuite().name(safeText(name)).timestamp(safeText(record.run.startedAt))
    suites.set(name, made)
    return made
  }
  const whole = suite('assay')
  whole.property('profile', safeText(profileId(record.run)))
  whole.property('target', safeText(record.run.target.url))
  whole.property('conclusion', word)
  whole.property('exit', String(exit))
  const finished = whole.testCase().className('assay').name('run finished')
  if (!record.complete) {
    const checks = record.verdicts.filter((line) => line.kind === 'check').length
    finished.error(`interrupted: ${checks} of ${record.run.plan.checks} checks judged`, 'interrupted')
  } else if (word === 'unjudged' && totals.error === 0) {
    finished.error(
      exit === 3 ? 'the target could not be reached (exit 3)' : `nothing was judged (exit ${exit})`,
      'unjudged',
    )
  }
  for (const line of record.verdicts) {
    const name = suiteName(line.id)
    tell(
      suite(name)
        .testCase()
        .className(safeText(name.replaceAll('/', '.')))
        .name(safeText(line.id)),
      line,
    )
  }
  return builder.build()
}

/** `<dialect>/<subject>` of `<dialect>/<subject>/<point>`. */
function suiteName(id: string): string {
  const parts = id.split('/')
  return parts.slice(0, Math.max(1, Math.min(2, parts.length - 1))).join('/')
}

function tell(testCase: TestCase, line: VerdictLine): void {
  const message = safeText(line.message || line.title)
  switch (line.verdict) {
    case 'pass':
      return
    case 'warn':
      testCase.standardOutput(`warning: ${content(line.message || line.title)}\n${body(line)}`)
      return
    case 'fail':
      testCase.failure(message, line.level).stacktrace(body(line))
      return
    case 'error':
      testCase.error(message, 'assay', body(line))
      return
    case 'inconclusive':
      skipped(testCase, `inconclusive: ${message}`, body(line))
      return
    case 'skip':
      skipped(testCase, `${line.skip?.reason ?? 'skipped'}: ${message}`, body(line))
      return
  }
}

/** The package's own `skipped()` takes no message, and a skip without a reason is no report. */
function skipped(testCase: TestCase, message: string, text: string): void {
  const build = testCase.build.bind(testCase)
  testCase.getSkippedCount = () => 1
  testCase.build = (parent) => {
    const element = build(parent)
    element.ele('skipped', { message }).cdata(text)
    return element
  }
}

function body(line: VerdictLine): string {
  const lines = [line.title, `level: ${line.level}`]
  for (const { id, text, source, level } of line.requirements) {
    lines.push(`requirement ${id} (${level}): ${text} [${source}]`)
  }
  for (const finding of line.findings.slice(0, FINDINGS)) lines.push(...told(finding))
  if (line.findings.length > FINDINGS) lines.push(`and ${line.findings.length - FINDINGS} more findings`)
  if (line.fix !== '') lines.push(`how to mend it: ${line.fix}`)
  if (line.exchanges.length > 0) lines.push(`exchanges: ${line.exchanges.slice(0, FINDINGS).join(' ')}`)
  return lines.map((text) => content(text.slice(0, CLIP))).join('\n')
}

/** Text for a CDATA section. The package splits only the first `]]>` of a text, so none may be left in it. */
function content(text: string): string {
  return safeText(text).replaceAll(']]>', ']]\\u003e')
}

function told({ by, expected, got, why, at }: Finding): string[] {
  const offset = at.offset === undefined ? '' : ` bytes ${at.offset}+${at.length ?? 0}`
  const event = at.event === undefined ? '' : ` event ${at.event}`
  const pointer = at.pointer === undefined ? '' : ` ${at.pointer}`
  const lines = [`expected (${by}): ${expected}`, `got: ${got}`]
  if (why) lines.push(`why it matters: ${why}`)
  return [...lines, `at: exchange ${at.exchange}, ${at.part}${event}${offset}${pointer}`]
}
