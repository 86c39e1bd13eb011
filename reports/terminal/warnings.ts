import { accusing } from './causes.ts'
import { clip } from './columns.ts'
import { byWhom, headline } from './failures.ts'
import { safeText } from './safe-text.ts'
import { heading, labelled, paragraph, plural, type Screen } from './screen.ts'

/** Warnings told on a terminal; the rest get a line each. */
const SHOWN = 20

/** Warnings: what was seen, by whose word, how to mend it. */
export function warnings(screen: Screen): string[] {
  const warned = screen.record.verdicts.filter((line) => line.verdict === 'warn')
  if (warned.length === 0) return []
  const most = screen.whole ? warned.length : SHOWN
  const out = [heading(screen, `WARNINGS: ${warned.length}`), '']
  for (const line of warned.slice(0, most)) {
    const findings = accusing(line)
    const [first] = findings
    out.push(headline(screen, screen.style.caution('!'), line))
    const told = first === undefined ? '' : `expected ${first.expected}; got ${first.got}`
    const many = findings.length > 1 ? ` (${plural(findings.length, 'finding')})` : ''
    const own = first && line.message.includes(first.expected) && line.message.includes(first.got)
    if (line.message !== '' && !own) out.push(...paragraph(screen, line.message, 2, 3))
    else out.push(...paragraph(screen, line.title, 2, 2))
    if (told !== '') out.push(...paragraph(screen, `${told}${many}`, 2, 3))
    out.push(...byWhom(screen, line, new Set(findings.map(({ by }) => by))))
    if (line.fix !== '') out.push(...labelled(screen, 'how to mend it', line.fix, 2))
    out.push('')
  }
  const rest = warned.slice(most)
  if (rest.length > 0) {
    out.push(`  and ${plural(rest.length, 'more warning')}:`)
    for (const line of rest) {
      const text = safeText(`${line.id}  ${line.message || line.title}`)
      out.push(`  ${screen.style.caution('!')} ${clip(text, screen.width - 4)}`)
    }
    out.push('')
  }
  return out
}
