import { clip } from './columns.ts'
import { authority } from './failures.ts'
import { safeText } from './safe-text.ts'
import { heading, paragraph, plural, type Screen } from './screen.ts'

const SHOWN = 20

/** Warnings, two or three lines each. */
export function warnings(screen: Screen): string[] {
  const warned = screen.record.verdicts.filter((line) => line.verdict === 'warn')
  if (warned.length === 0) return []
  const out = [heading(screen, `WARNINGS: ${warned.length}`), '']
  for (const line of warned.slice(0, SHOWN)) {
    const [first] = line.findings.filter((finding) => finding.by !== 'observe')
    out.push(`${screen.style.caution('!')} ${clip(safeText(line.id), screen.width - 2)}`)
    out.push(...paragraph(screen, line.message || line.title, 2, 2))
    if (!first) continue
    const many = line.findings.length > 1 ? ` (${plural(line.findings.length, 'finding')})` : ''
    const by = first.by === 'documented' ? '' : `${authority(first.by)}: `
    const told = `${by}expected ${first.expected}; got ${first.got}${many}`
    out.push(...paragraph(screen, told, 4, 2).map((text) => screen.style.dim(text)))
  }
  if (warned.length > SHOWN) out.push(`  and ${warned.length - SHOWN} more, in summary.json`)
  return [...out, '']
}
