import junit, { type Builder, type TestCase } from 'junit-report-builder'
import { type Conclusion, conclude } from './conclusion.ts'
import { dialectsOf } from './dialects.ts'
import type { RunRecord } from './record/read.ts'
import type { Finding, VerdictLine, VerdictWord } from './record/types.ts'
import { profileId } from './summary.ts'
import { safeText } from './terminal/safe-text.ts'

// The package is CommonJS and exports the builder itself; its types promise `exports.default`, which is not there.
const shared = junit as unknown as Builder

/** Findings told of one verdict; the rest are counted. */
const FINDINGS = 10
/** Characters of one text from the wire. */
const CLIP = 2000
const JUDGED: ReadonlySet<VerdictWord> = new Set(['pass', 'fail', 'warn'])

/**
 * The record as JUnit XML: a testsuite for each dialect and subject, a testcase for each check and rule.
 *
 * | verdict | testcase |
 * |---|---|
 * | pass | passed |
 * | warn | passed, with the findings in system-out |
 * | fail | failure; where the baseline knows it: skipped, its message beginning `known failure:` |
 * | pass, warn, on the baseline | failure: the baseline is out of date |
 * | error | error: assay's own fault |
 * | skip | skipped, its message saying why |
 * | inconclusive | skipped, its message beginning `inconclusive:` |
 *
 * JUnit has no word for a question without an answer. A failure would accuse the gateway of what nobody saw, a pass
 * would hide the gap; `skipped` does neither. Whether the gaps are accepted is told by one more testcase,
 * `assay / run finished`: a failure where the run ended unproven (exit 4), an error where it did not come to its end or
 * judged nothing. So a red run never reads as green.
 *
 * `time` is in seconds, from the exchanges: each counts once, with the first check that it was judged for.
 */
export function junitXml(record: RunRecord): string {
  const builder = shared.newBuilder().name(safeText(`assay: ${profileId(record.run)}`))
  const suites = new Map<string, ReturnType<Builder['testSuite']>>()
  const conclusion = conclude(record)
  const { word, exit } = conclusion
  const seconds = secondsOf(record)
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
  for (const { id, version, url } of dialectsOf(record.run)) {
    if (record.run.target.dialects.length > 1) whole.property(safeText(`target ${id}`), safeText(url))
    if (version !== undefined) whole.property(safeText(`version ${id}`), safeText(version))
  }
  if (record.run.load !== undefined) whole.property('scenario', safeText(record.run.load.scenario))
  whole.property('conclusion', word)
  whole.property('exit', String(exit))
  finish(whole.testCase().className('assay').name('run finished').time(0), record, conclusion)
  for (const line of record.verdicts) {
    const name = suiteName(line.id)
    const testCase = suite(name)
      .testCase()
      .className(safeText(name.replaceAll('/', '.')))
      .name(safeText(line.id))
      .time(seconds.get(line.id) ?? 0)
    if (conclusion.stale.includes(line.id)) {
      testCase
        .failure('the baseline is out of date: this no longer fails; take it off the list', 'baseline')
        .stacktrace(body(line))
    } else tell(testCase, line, conclusion.known)
  }
  return builder.build()
}

/** Whether the run as a whole may be believed. */
function finish(testCase: TestCase, record: RunRecord, { word, exit, totals, unproven }: Conclusion): void {
  if (!record.complete) {
    const checks = record.verdicts.filter((line) => line.kind === 'check' && JUDGED.has(line.verdict)).length
    testCase.error(`interrupted: ${checks} of ${record.run.plan.checks} checks judged`, 'interrupted')
  } else if (word === 'saturated') {
    testCase.error(
      'SATURATED: the meter could not keep pace, so its figures are not the gateway’s (exit 3)',
      'saturated',
    )
  } else if (word === 'unjudged' && totals.error === 0) {
    testCase.error(
      exit === 3 ? 'the target could not be reached (exit 3)' : `nothing was judged (exit ${exit})`,
      'unjudged',
    )
  } else if (exit === 4) {
    const ids = unproven.map(({ id }) => content(id)).join('\n')
    const many = unproven.length === 1 ? 'must-level check or rule has' : 'must-level checks and rules have'
    testCase.failure(`not proven: ${unproven.length} ${many} no answer (exit 4)`, 'unproven').stacktrace(ids)
  }
}

/** Seconds on the wire by id: every exchange with the first check that it was judged for. */
function secondsOf({ verdicts, exchanges }: RunRecord): Map<string, number> {
  const counted = new Set<string>()
  const sums = new Map<string, number>()
  // Rules judge what the checks asked for.
  for (const { id, kind, exchanges: judged } of verdicts) {
    if (kind !== 'check') continue
    let ms = 0
    for (const digest of judged) {
      const exchange = exchanges.get(digest)
      if (exchange === undefined || counted.has(digest)) continue
      counted.add(digest)
      for (const { timing } of [exchange, ...(exchange.earlier ?? [])]) ms += timing.connected + timing.ended
    }
    sums.set(id, Math.round(ms) / 1000)
  }
  return sums
}

/** `<dialect>/<subject>` of `<dialect>/<subject>/<point>`. */
function suiteName(id: string): string {
  const parts = id.split('/')
  return parts.slice(0, Math.max(1, Math.min(2, parts.length - 1))).join('/')
}

function tell(testCase: TestCase, line: VerdictLine, known: ReadonlySet<string>): void {
  const message = safeText(line.message || line.title)
  switch (line.verdict) {
    case 'pass':
      return
    case 'warn':
      testCase.standardOutput(`warning: ${content(line.message || line.title)}\n${body(line)}`)
      return
    case 'fail':
      if (known.has(line.id)) skipped(testCase, `known failure: ${message}`, body(line))
      else testCase.failure(message, line.level).stacktrace(body(line))
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
