import { conclude } from '../conclusion.ts'
import { exchangeAt } from '../record/read.ts'
import type { By, Finding, VerdictLine } from '../record/types.ts'
import { askedText, wayOf } from './asked.ts'
import { accusing, type Cause, causesOf } from './causes.ts'
import { clip, columns } from './columns.ts'
import { safeText } from './safe-text.ts'
import { grouped, heading, labelled, paragraph, plural, type Screen } from './screen.ts'
import { showPlace } from './wire.ts'

/** Causes told in full on a terminal; the rest get a line each, so that the screen stays a screen. */
const TOLD = 12
/** Deviations shown of one verdict; other verdicts named under one cause. */
const DEVIATIONS = 3
const NAMED = 6

/** What failed, the gravest first: by whose word, what was asked, what came, how to mend it. Then assay's own errors. */
export function failures(screen: Screen): string[] {
  const { record } = screen
  const { known } = conclude(record)
  const failed = record.verdicts.filter((line) => line.verdict === 'fail')
  const fresh = failed.filter((line) => !known.has(line.id))
  const expected = failed.filter((line) => known.has(line.id))
  return [
    ...section(screen, 'FAILED', fresh),
    // On a terminal they are named after the screen, by the one who holds the baseline.
    ...(screen.whole ? section(screen, 'KNOWN TO FAIL, NOT COUNTED', expected) : []),
    ...errors(screen),
  ]
}

function section(screen: Screen, title: string, lines: VerdictLine[]): string[] {
  if (lines.length === 0) return []
  const causes = causesOf(screen.record, lines)
  const few = causes.length < lines.length ? `, ${plural(causes.length, 'cause')}` : ''
  const out = [heading(screen, `${title}: ${lines.length}${few}`), '']
  const most = screen.whole ? causes.length : TOLD
  for (const cause of causes.slice(0, most)) out.push(...told(screen, cause), '')
  const rest = causes.slice(most).flatMap(({ first, others }) => [first, ...others])
  if (rest.length > 0) {
    out.push(`  and ${rest.length} more that failed:`)
    for (const line of rest) out.push(...oneLine(screen, line))
    out.push('')
  }
  return out
}

function errors(screen: Screen): string[] {
  const lines = screen.record.verdicts.filter((line) => line.verdict === 'error')
  if (lines.length === 0) return []
  const out = [heading(screen, `ERRORS OF ASSAY ITSELF, not the gateway's: ${lines.length}`), '']
  for (const line of lines) {
    out.push(`${screen.style.bad('!')} ${screen.style.bold(clip(safeText(line.id), screen.width - 2))}`)
    out.push(...paragraph(screen, line.message), '')
  }
  return out
}

function oneLine(screen: Screen, line: VerdictLine): string[] {
  const text = `${line.id}  ${line.message || line.title}`
  if (screen.whole) return paragraph(screen, `✗ ${text}`)
  return [`  ${screen.style.bad('✗')} ${clip(safeText(text), screen.width - 4)}`]
}

/** The first line of a block: its id, and at the right what it is. */
export function headline(screen: Screen, mark: string, line: VerdictLine): string {
  const tag = line.kind === 'rule' ? `${line.level}, rule` : line.level
  const id = clip(safeText(line.id), screen.width - tag.length - 4)
  const gap = ' '.repeat(Math.max(2, screen.width - columns(id) - tag.length - 2))
  return `${mark} ${screen.style.bold(id)}${gap}${screen.style.dim(tag)}`
}

function told(screen: Screen, { first: line, others }: Cause): string[] {
  const findings = accusing(line)
  const out = [headline(screen, screen.style.bad('✗'), line), ...paragraph(screen, line.title)]
  const said = findings.some(
    ({ expected, got }) => line.message.includes(expected) && line.message.includes(got),
  )
  // The short message is often made of the first finding, which is told below.
  if (line.message !== '' && line.message !== line.title && !said)
    out.push(...labelled(screen, 'in short', line.message))
  if (line.field) {
    const { path, documented, observed } = line.field
    out.push(...labelled(screen, 'field', `${path}: documented as ${documented}, seen ${observed}`))
  }
  const why = findings[0]?.why
  if (why) out.push(...labelled(screen, 'why it matters', why))
  out.push(...byWhom(screen, line, new Set(findings.map((finding) => finding.by))))
  const deviations = [...grouped(findings, deviation).values()]
  const most = screen.whole ? deviations.length : DEVIATIONS
  let asked: string | undefined
  for (const [i, same] of deviations.slice(0, most).entries()) {
    if (deviations.length > 1)
      out.push(`  ${screen.style.dim(`── finding ${i + 1} of ${deviations.length}`)}`)
    const text = askedOf(screen, line, same[0])
    if (text !== undefined && text !== asked) out.push(...labelled(screen, 'asked', text, 7))
    asked = text
    out.push(...shown(screen, same, why))
  }
  if (deviations.length > most) {
    out.push(...paragraph(screen, `and ${plural(deviations.length - most, 'more finding')}, in report.txt`))
  }
  if (line.fix !== '') out.push(...labelled(screen, 'how to mend it', line.fix))
  out.push(...labelled(screen, 'more', `assay explain ${line.id}`))
  out.push(...named(screen, others))
  return out
}

/** Further verdicts with the same cause. */
function named(screen: Screen, others: VerdictLine[]): string[] {
  if (others.length === 0) return []
  const most = screen.whole || others.length <= NAMED ? others.length : NAMED - 1
  const out = paragraph(
    screen,
    `The same bytes fail ${plural(others.length, 'more check or rule', 'more checks and rules')}:`,
  )
  for (const line of others.slice(0, most)) {
    out.push(...oneLine(screen, line))
    if (screen.whole) {
      out.push(...byWhom(screen, line, new Set(accusing(line).map((finding) => finding.by))))
      if (line.fix !== '') out.push(...labelled(screen, 'how to mend it', line.fix))
    }
  }
  const rest = others.slice(most).map(({ id }) => id)
  if (rest.length > 0) out.push(...paragraph(screen, `and ${rest.join(', ')}`, 4, Number.POSITIVE_INFINITY))
  return out
}

function askedOf(screen: Screen, line: VerdictLine, finding: Finding | undefined): string | undefined {
  const exchange = exchangeAt(screen.record, finding?.at.exchange ?? line.exchanges[0] ?? '')
  return exchange && askedText(exchange, screen.record.run, wayOf(line, finding))
}

/** The same deviation, wherever it was seen. */
function deviation(finding: Finding): string {
  const { by, expected, got, why, contradiction, requirement, at } = finding
  const pointer = at.pointer?.replace(/\/\d+(?=\/|$)/g, '/*')
  return JSON.stringify([by, expected, got, why, contradiction, requirement, at.part, pointer])
}

/** By whose word a verdict deviates: the requirements, or who else. */
export function byWhom(screen: Screen, line: VerdictLine, by: Set<By>): string[] {
  const out: string[] = []
  const most = screen.whole ? line.requirements.length : 2
  // Those that the findings are about go first.
  const meant = new Set(line.findings.map((finding) => finding.requirement))
  const words = [...line.requirements].sort((a, b) => Number(meant.has(b.id)) - Number(meant.has(a.id)))
  if (by.size === 0 || by.has('documented')) {
    for (const { id, text, source, level } of words.slice(0, most)) {
      out.push(...labelled(screen, out.length === 0 ? 'by whose word' : '', `${id} (${level}): ${text}`, 3))
      out.push(...labelled(screen, '', `source: ${source}`, 2))
    }
    if (out.length === 0) out.push(...labelled(screen, 'by whose word', authority('documented')))
    if (words.length > most) {
      const rest = words.slice(most).map((requirement) => requirement.id)
      out.push(...labelled(screen, '', `and ${rest.join(', ')}`, 2))
    }
  }
  for (const word of by) {
    if (word === 'documented') continue
    out.push(...labelled(screen, out.length === 0 ? 'by whose word' : '', authority(word)))
  }
  return out
}

/** By whose word, said in words. */
function authority(by: By): string {
  if (by === 'documented') return "the profile's own documents"
  if (by === 'official') return "the vendor's official specification"
  if (by === 'should') return 'good practice; no document demands it'
  if (by === 'observe') return 'only observed'
  return `${by.slice('client:'.length)} breaks on it`
}

function shown(screen: Screen, findings: Finding[], why: string | undefined): string[] {
  const [first] = findings
  if (!first) return []
  const out: string[] = []
  if (first.why && first.why !== why) out.push(...labelled(screen, 'why it matters', first.why))
  if (first.contradiction) out.push(...labelled(screen, 'contradiction', first.contradiction))
  out.push(...labelled(screen, 'expected', first.expected))
  out.push(...labelled(screen, 'got', first.got))
  const place = showPlace(screen, first.at)
  out.push(...labelled(screen, 'on the wire', place.where, 3), ...place.lines)
  if (findings.length > 1) {
    const exchanges = new Set(findings.map((finding) => finding.at.exchange))
    const more = plural(findings.length - 1, 'more place')
    const names = screen.whole ? `: ${[...exchanges].join(', ')}` : ''
    out.push(
      ...labelled(screen, '', `and in ${more}, in ${plural(exchanges.size, 'exchange')} in all${names}`),
    )
  }
  return out
}
