import { type Conclusion, type ConclusionWord, conclude, isUnproven } from '../conclusion.ts'
import { type DialectUnderTest, dialectOf, dialectsOf, dialectText, object } from '../dialects.ts'
import { outcomesOf, outcomesText } from '../outcomes.ts'
import type { VerdictLine } from '../record/types.ts'
import { profileId, requestsSent } from '../summary.ts'
import { safeText } from './safe-text.ts'
import { heading, labelled, number, paragraph, plural, type Screen } from './screen.ts'
import { styleFor } from './style.ts'

/** Rules named on a terminal that had nothing to judge. */
const NAMED = 8

/** Totals, cost, files, and last what it all comes to. */
export function totals(screen: Screen, dir: string | undefined): string[] {
  const { record, style } = screen
  const conclusion = conclude(record)
  return [
    heading(screen, 'TOTALS'),
    '',
    ...verdicts(screen, conclusion),
    ...unanswered(screen),
    ...idle(screen),
    ...labelled(screen, 'cost', cost(screen)),
    ...files(screen, dir),
    ...(record.torn === undefined ? [] : labelled(screen, 'note', record.torn)),
    '',
    `${style.banner(LOOK[conclusion.word], ` ${TITLE[conclusion.word]} `)}  ${style.dim(`exit ${conclusion.exit}`)}`,
    ...paragraph(screen, sentence(screen, conclusion), 1, 6),
    ...selection(screen),
  ]
}

const TITLE: Record<ConclusionWord, string> = {
  conforms: 'CONFORMS',
  fails: 'DOES NOT CONFORM',
  'baseline-stale': 'BASELINE OUT OF DATE',
  unproven: 'NOT PROVEN',
  'known-failures': 'KNOWN FAILURES ONLY',
  unjudged: 'NOT JUDGED',
  saturated: 'SATURATED',
  interrupted: 'INTERRUPTED',
}

const LOOK: Record<ConclusionWord, 'bad' | 'good' | 'caution'> = {
  conforms: 'good',
  fails: 'bad',
  'baseline-stale': 'bad',
  unproven: 'caution',
  'known-failures': 'caution',
  unjudged: 'bad',
  saturated: 'bad',
  interrupted: 'caution',
}

/** What a run that was asked for in part leaves out: beside its conclusion, so that nobody takes it for the whole. */
function selection(screen: Screen): string[] {
  const selected = object(screen.record.run.options.selected)
  const count = (key: string) => (typeof selected?.[key] === 'number' ? number(selected[key]) : '?')
  if (selected === undefined) return []
  const by = typeof selected.by === 'string' ? ` (${selected.by})` : ''
  const asked = `Asked: ${count('checks')} of ${count('of_checks')} checks and ${count('rules')} of ${count('of_rules')} rules${by}.`
  return paragraph(screen, asked, 1, 3)
}

/** All together, and each dialect where there are several. */
function verdicts(screen: Screen, { known }: Conclusion): string[] {
  const { run, verdicts: all } = screen.record
  const told = (lines: readonly VerdictLine[]) => outcomesText(outcomesOf(lines, known))
  const dialects = dialectsOf(run)
  if (dialects.length < 2) return labelled(screen, 'verdicts', told(all))
  const parts = dialects.map(({ id }) => `${id}: ${told(all.filter((line) => dialectOf(line) === id))}`)
  return [`in all: ${told(all)}`, ...parts].flatMap((text, i) =>
    labelled(screen, i === 0 ? 'verdicts' : '', text),
  )
}

/** Why questions have no answer. */
function unanswered(screen: Screen): string[] {
  const { verdicts: all } = screen.record
  const count = (reason: string) => all.filter((line) => line.skip?.reason === reason).length
  const told = [
    [all.filter((line) => line.verdict === 'inconclusive').length, 'inconclusive'],
    [count('blocked'), 'blocked by another check'],
    [count('unavailable'), 'not available'],
  ] as const
  const parts = told.filter(([n]) => n > 0).map(([n, text]) => `${number(n)} ${text}`)
  return parts.length === 0 ? [] : labelled(screen, 'no answer', parts.join(', '))
}

function idle(screen: Screen): string[] {
  const ids = screen.record.verdicts.filter(({ skip }) => skip?.reason === 'idle').map(({ id }) => id)
  if (ids.length === 0) return []
  const most = screen.whole ? ids.length : NAMED
  const rest = ids.length > most ? ` and ${number(ids.length - most)} more, in report.txt` : ''
  const text = `${plural(ids.length, 'rule')} had nothing to judge: ${ids.slice(0, most).join(', ')}${rest}`
  // One look over the whole line: looks cannot be nested.
  const plain = { ...screen, style: styleFor(false) }
  return labelled(plain, '', text, 6).map((line) => screen.style.dim(line))
}

function cost({ record }: Screen): string {
  const { plan } = record.run
  const { summary } = record
  if (!summary)
    return `${plural(requestsSent(record), 'request')} recorded of ${number(plan.requests)} planned`
  const { requests, tokens, seconds } = summary.cost
  const most = plan.most === undefined ? '' : `, never more than ${number(plan.most)}`
  const bound = plan.mostTokens ?? plan.tokens
  return [
    `${plural(requests, 'request')} (${number(plan.requests)} planned at first${most})`,
    `${plural(tokens, 'token')} (never more than ${number(bound)})`,
    `${number(seconds)} s`,
  ].join(' · ')
}

function files(screen: Screen, dir: string | undefined): string[] {
  if (dir === undefined) return []
  const rest = 'record.jsonl, summary.json, junit.xml, report.txt (all of this, nothing left out)'
  return labelled(screen, 'files', `${dir}: ${rest}`)
}

function sentence(
  screen: Screen,
  { word, totals: counts, unproven, known, stale, exit }: Conclusion,
): string {
  const { record } = screen
  const profile = `profile ${profileId(record.run)}`
  const all = record.verdicts.length
  const fresh = record.verdicts.filter((line) => line.verdict === 'fail' && !known.has(line.id))
  const musts = fresh.filter((line) => line.level === 'must').length
  const chosen = record.verdicts.filter((line) => line.skip?.reason === 'chosen').length
  const open = record.verdicts.filter(isUnproven).length
  const more =
    open > 0 ? ` ${plural(open, 'more at must level has', 'more at must level have')} no answer.` : ''
  switch (word) {
    case 'conforms': {
      const rest = chosen > 0 ? ` ${plural(chosen, 'check was', 'checks were')} skipped by choice.` : ''
      return `Whatever was asked of ${profile} and must hold, holds.${rest}`
    }
    case 'fails': {
      const which = known.size > 0 ? ` ${plural(known.size, 'more is', 'more are')} known to fail.` : ''
      const old =
        stale.length > 0 ? ` ${plural(stale.length, 'baseline entry is', 'baseline entries are')} stale.` : ''
      return `${fresh.length} of ${plural(all, 'check or rule', 'checks and rules')} of ${profile} failed, ${musts} at must level.${which}${old}${more}`
    }
    case 'baseline-stale':
      return (
        `Nothing failed that is not known, but ${plural(stale.length, 'check', 'checks')} on the baseline no` +
        ` longer ${stale.length === 1 ? 'fails' : 'fail'}: ${stale.join(', ')}. Take ${stale.length === 1 ? 'it' : 'them'} off the list.${more}`
      )
    case 'known-failures':
      return (
        `${plural(counts.fail, 'check or rule', 'checks and rules')} of ${profile} failed,` +
        ` ${counts.fail === 1 ? 'as' : 'all as'} the baseline says: nothing new. ${profile} is not kept.`
      )
    case 'unproven': {
      const nothing = counts.fail > 0 ? 'Nothing failed but what the baseline knows' : 'Nothing failed'
      return (
        `${nothing}, but ${plural(unproven.length, 'must-level check has', 'must-level checks have')} no answer` +
        ` (see NOT ANSWERED): this does not show that ${profile} is kept.` +
        `${exit === 0 ? ' The exit status is 0 because --allow-unproven asks for it.' : ''}`
      )
    }
    case 'saturated':
      return 'The meter could not keep pace: its figures are not the gateway’s, and no objective was judged.'
    case 'unjudged':
      if (counts.error > 0)
        return `assay itself went wrong ${plural(counts.error, 'time')}: this run shows nothing.`
      return exit === 3
        ? 'The target could not be reached: this run shows nothing.'
        : 'No check was judged: this run shows nothing.'
    case 'interrupted': {
      const checks = record.verdicts.filter((line) => line.kind === 'check')
      const judged = checks.filter(({ verdict }) => ['pass', 'fail', 'warn'].includes(verdict)).length
      const found = counts.fail > 0 ? ` ${plural(counts.fail, 'check')} had failed by then.` : ''
      return (
        `The run did not come to its end: ${judged} of ${plural(record.run.plan.checks, 'check')} judged.${found}` +
        ` This shows nothing about the rest; go on with assay run --resume ${screen.resumable ?? 'and the directory of this record'}.`
      )
    }
  }
}

/** What was judged, on one or two lines: the top of the screen. */
export function title(screen: Screen): string[] {
  const { run } = screen.record
  const dialects = dialectsOf(run)
  const names = dialects.map(({ id, version }) => dialectText(id, version))
  const what = `profile ${profileId(run)} · ${names.join(', ')} · model ${run.target.model}`
  const started = `started ${run.startedAt} · seed ${run.seed}`
  return [
    `${screen.style.bold(`assay ${safeText(run.assay)}`)}`,
    ...paragraph(screen, what, 0, 2),
    ...targets(screen, dialects),
    ...paragraph(screen, started, 0, 1).map((text) => screen.style.dim(text)),
    '',
  ]
}

function targets(screen: Screen, dialects: readonly DialectUnderTest[]): string[] {
  const { target } = screen.record.run
  if (target.embedded) {
    return paragraph(
      screen,
      'target the embedded reference gateway: no --url was given, so it stands in',
      0,
      2,
    )
  }
  if (new Set(dialects.map(({ url }) => url)).size < 2) return paragraph(screen, `target ${target.url}`, 0, 2)
  return dialects.flatMap(({ id, url }, i) =>
    i === 0
      ? paragraph(screen, `target ${url} (${id})`, 0, 2)
      : paragraph(screen, `${url} (${id})`, 'target '.length, 2),
  )
}
