import type { By, Finding, VerdictLine } from '../record/types.ts'
import { clip, columns } from './columns.ts'
import { safeText } from './safe-text.ts'
import { grouped, heading, labelled, paragraph, plural, type Screen } from './screen.ts'
import { showPlace } from './wire.ts'

/** Verdicts told in full; the rest get one line each, so that the screen stays a screen. */
const TOLD = 12
/** Causes shown of one verdict. */
const CAUSES = 3

/** What failed, must level first: by whose word, what came, how to mend it. Then assay's own errors. */
export function failures(screen: Screen): string[] {
  const failed = screen.record.verdicts.filter((line) => line.verdict === 'fail')
  failed.sort((a, b) => Number(a.level === 'may') - Number(b.level === 'may'))
  const errors = screen.record.verdicts.filter((line) => line.verdict === 'error')
  const out: string[] = []
  const seen = new Map<string, string>()
  if (failed.length > 0) {
    out.push(heading(screen, `FAILED: ${failed.length}`), '')
    for (const line of failed.slice(0, TOLD)) out.push(...told(screen, line, seen), '')
    const rest = failed.slice(TOLD)
    if (rest.length > 0) {
      out.push(`  and ${rest.length} more that failed:`)
      for (const line of rest) out.push(oneLine(screen, line))
      out.push('')
    }
  }
  if (errors.length > 0) {
    out.push(heading(screen, `ERRORS OF ASSAY ITSELF, not the gateway's: ${errors.length}`), '')
    for (const line of errors) {
      out.push(`${screen.style.bad('!')} ${screen.style.bold(clip(safeText(line.id), screen.width - 2))}`)
      out.push(...paragraph(screen, line.message), '')
    }
  }
  return out
}

function oneLine(screen: Screen, line: VerdictLine): string {
  return `  ${screen.style.bad('✗')} ${clip(safeText(`${line.id}  ${line.message || line.title}`), screen.width - 4)}`
}

function told(screen: Screen, line: VerdictLine, seen: Map<string, string>): string[] {
  const { style } = screen
  const tag = line.kind === 'rule' ? `${line.level}, rule` : line.level
  const id = clip(safeText(line.id), screen.width - tag.length - 4)
  const out = [
    `${style.bad('✗')} ${style.bold(id)}${' '.repeat(Math.max(2, screen.width - columns(id) - tag.length - 2))}${style.dim(tag)}`,
    ...paragraph(screen, line.title),
  ]
  if (line.message !== '' && line.message !== line.title)
    out.push(...labelled(screen, 'in short', line.message))
  if (line.field) {
    const { path, documented, observed } = line.field
    out.push(...labelled(screen, 'field', `${path}: documented as ${documented}, seen ${observed}`))
  }
  // What was only observed accuses nobody; it stays in the record.
  const findings = line.findings.filter((finding) => finding.by !== 'observe')
  const why = findings[0]?.why
  if (why) out.push(...labelled(screen, 'why it matters', why))
  out.push(...byWhom(screen, line, new Set(findings.map((finding) => finding.by))))
  const causes = [...grouped(findings, cause).values()]
  for (const [i, same] of causes.slice(0, CAUSES).entries()) {
    if (causes.length > 1) out.push(`  ${style.dim(`── finding ${i + 1} of ${causes.length}`)}`)
    out.push(...shown(screen, line, same, why, seen))
  }
  if (causes.length > CAUSES) {
    out.push(...paragraph(screen, `and ${plural(causes.length - CAUSES, 'more finding')}, in record.jsonl`))
  }
  if (line.fix !== '') out.push(...labelled(screen, 'how to mend it', line.fix))
  out.push(...labelled(screen, 'more', `assay explain ${line.id}`))
  return out
}

/** Findings with one cause: the same deviation, wherever it was seen. */
function cause(finding: Finding): string {
  const { by, expected, got, why, contradiction, requirement, at } = finding
  const pointer = at.pointer?.replace(/\/\d+(?=\/|$)/g, '/*')
  return JSON.stringify([by, expected, got, why, contradiction, requirement, at.part, pointer])
}

function byWhom(screen: Screen, line: VerdictLine, by: Set<By>): string[] {
  const out: string[] = []
  if (by.size === 0 || by.has('documented')) {
    for (const { id, text, source, level } of line.requirements.slice(0, 2)) {
      out.push(...labelled(screen, out.length === 0 ? 'by whose word' : '', `${id} (${level}): ${text}`, 3))
      out.push(...labelled(screen, '', `source: ${source}`, 2))
    }
    if (out.length === 0) out.push(...labelled(screen, 'by whose word', authority('documented')))
    if (line.requirements.length > 2) {
      const rest = line.requirements.slice(2).map((requirement) => requirement.id)
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
export function authority(by: By): string {
  if (by === 'documented') return "the profile's own documents"
  if (by === 'official') return "the vendor's official specification"
  if (by === 'should') return 'good practice; no document demands it'
  if (by === 'observe') return 'only observed'
  return `${by.slice('client:'.length)} breaks on it`
}

function shown(
  screen: Screen,
  line: VerdictLine,
  findings: Finding[],
  why: string | undefined,
  seen: Map<string, string>,
): string[] {
  const [first] = findings
  if (!first) return []
  const out: string[] = []
  if (first.why && first.why !== why) out.push(...labelled(screen, 'why it matters', first.why))
  if (first.contradiction) out.push(...labelled(screen, 'contradiction', first.contradiction))
  out.push(...labelled(screen, 'expected', first.expected))
  out.push(...labelled(screen, 'got', first.got))
  const { at } = first
  const key = JSON.stringify([at.exchange, at.part, at.offset, at.length])
  const before = seen.get(key)
  const place = showPlace(screen, at)
  out.push(...labelled(screen, 'on the wire', place.where, 3))
  if (before !== undefined) out.push(...labelled(screen, '', `the same bytes as under ${before}`))
  else out.push(...place.lines)
  seen.set(key, before ?? line.id)
  if (findings.length > 1) {
    const exchanges = new Set(findings.map((finding) => finding.at.exchange)).size
    const more = plural(findings.length - 1, 'more place')
    out.push(...labelled(screen, '', `and in ${more}, in ${plural(exchanges, 'exchange')} in all`))
  }
  return out
}
