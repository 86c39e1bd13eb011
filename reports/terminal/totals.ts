import { type Conclusion, type ConclusionWord, conclude, isUnproven } from '../conclusion.ts'
import type { VerdictWord } from '../record/types.ts'
import { profileId, requestsSent } from '../summary.ts'
import { safeText } from './safe-text.ts'
import { heading, labelled, number, paragraph, plural, type Screen } from './screen.ts'

const ORDER: readonly VerdictWord[] = ['pass', 'fail', 'warn', 'inconclusive', 'skip', 'error']
/** Said even where there is none: a gap must not be mistaken for a column that was left out. */
const ALWAYS: readonly VerdictWord[] = ['pass', 'fail', 'inconclusive', 'skip']

/** Totals, cost, files, and last what it all comes to. */
export function totals(screen: Screen, dir: string | undefined): string[] {
  const { record, style } = screen
  const conclusion = conclude(record)
  return [
    heading(screen, 'TOTALS'),
    '',
    ...labelled(screen, 'verdicts', verdicts(conclusion)),
    ...skips(screen),
    ...labelled(screen, 'cost', cost(screen)),
    ...(dir === undefined ? [] : labelled(screen, 'files', `${dir}: record.jsonl, summary.json, junit.xml`)),
    ...(record.torn === undefined ? [] : labelled(screen, 'note', record.torn)),
    '',
    `${style.banner(LOOK[conclusion.word], ` ${TITLE[conclusion.word]} `)}  ${style.dim(`exit ${conclusion.exit}`)}`,
    ...paragraph(screen, sentence(screen, conclusion), 1),
  ]
}

const TITLE: Record<ConclusionWord, string> = {
  conforms: 'CONFORMS',
  fails: 'DOES NOT CONFORM',
  unproven: 'NOT PROVEN',
  unjudged: 'NOT JUDGED',
  interrupted: 'INTERRUPTED',
}

const LOOK: Record<ConclusionWord, 'bad' | 'good' | 'caution'> = {
  conforms: 'good',
  fails: 'bad',
  unproven: 'caution',
  unjudged: 'bad',
  interrupted: 'caution',
}

function verdicts({ totals: counts }: Conclusion): string {
  return ORDER.filter((word) => counts[word] > 0 || ALWAYS.includes(word))
    .map((word) => `${number(counts[word])} ${word}`)
    .join(' · ')
}

function skips(screen: Screen): string[] {
  const count = (reason: string) =>
    screen.record.verdicts.filter((line) => line.skip?.reason === reason).length
  const all = [
    [count('blocked'), 'blocked by another check'],
    [count('unavailable'), 'not available'],
    [count('idle'), 'never came up'],
    [count('chosen'), 'by choice'],
  ] as const
  const told = all.filter(([n]) => n > 0).map(([n, text]) => `${number(n)} ${text}`)
  return told.length === 0 ? [] : labelled(screen, 'skipped', told.join(' · '))
}

function cost({ record }: Screen): string {
  const { plan } = record.run
  const { summary } = record
  if (!summary)
    return `${plural(requestsSent(record), 'request')} recorded of ${number(plan.requests)} planned`
  const { requests, tokens, seconds } = summary.cost
  return [
    `${plural(requests, 'request')} (planned ${number(plan.requests)})`,
    `${plural(tokens, 'token')} (bound ${number(plan.tokens)})`,
    `${number(seconds)} s`,
  ].join(' · ')
}

function sentence({ record }: Screen, { word, totals: counts, unproven, exit }: Conclusion): string {
  const profile = `profile ${profileId(record.run)}`
  const all = record.verdicts.length
  const checks = record.verdicts.filter((line) => line.kind === 'check').length
  const musts = record.verdicts.filter((line) => line.verdict === 'fail' && line.level === 'must').length
  const chosen = record.verdicts.filter((line) => line.skip?.reason === 'chosen').length
  const open = record.verdicts.filter(isUnproven).length
  switch (word) {
    case 'conforms': {
      const rest = chosen > 0 ? ` ${plural(chosen, 'check was', 'checks were')} skipped by choice.` : ''
      return `Whatever was asked of ${profile} and must hold, holds.${rest}`
    }
    case 'fails':
      return (
        `${counts.fail} of ${all} checks and rules of ${profile} failed, ${musts} at must level.` +
        `${open > 0 ? ` ${plural(open, 'more at must level has', 'more at must level have')} no answer.` : ''}`
      )
    case 'unproven':
      return (
        `Nothing failed, but ${plural(unproven.length, 'must-level check has', 'must-level checks have')} no answer` +
        ` (see NOT ANSWERED): this does not show that ${profile} is kept.` +
        `${exit === 0 ? ' The exit status is 0 because --allow-unproven asks for it.' : ''}`
      )
    case 'unjudged':
      if (counts.error > 0)
        return `assay itself went wrong ${plural(counts.error, 'time')}: this run shows nothing.`
      return exit === 3
        ? 'The target could not be reached: this run shows nothing.'
        : 'No check was judged: this run shows nothing.'
    case 'interrupted': {
      const found = counts.fail > 0 ? ` ${plural(counts.fail, 'check')} had failed by then.` : ''
      return (
        `The run did not come to its end: ${checks} of ${plural(record.run.plan.checks, 'check')} judged.${found}` +
        ' This shows nothing about the rest; go on with assay run --resume DIR.'
      )
    }
  }
}

/** What was judged, on one or two lines: the top of the screen. */
export function title(screen: Screen): string[] {
  const { run } = screen.record
  const what = `profile ${profileId(run)} · ${run.target.dialects.join(', ')} · model ${run.target.model}`
  const at = run.target.embedded ? 'the embedded reference gateway' : run.target.url
  const started = `started ${run.startedAt} · seed ${run.seed}`
  return [
    `${screen.style.bold(`assay ${safeText(run.assay)}`)}`,
    ...paragraph(screen, what, 0, 2),
    ...paragraph(screen, `target ${at}`, 0, 2),
    ...paragraph(screen, started, 0, 1).map((text) => screen.style.dim(text)),
    '',
  ]
}
