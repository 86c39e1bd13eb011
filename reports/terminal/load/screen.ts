import { type ConclusionWord, conclude, isUnproven } from '../../conclusion.ts'
import { outcomesOf, outcomesText } from '../../outcomes.ts'
import type { LoadOrder } from '../../record/load.ts'
import { profileId } from '../../summary.ts'
import { safeText } from '../safe-text.ts'
import { heading, labelled, paragraph, plural, type Screen } from '../screen.ts'
import { figures } from './figures.ts'
import { limits } from './limits.ts'
import { meterLines, saturatedBanner } from './meter.ts'
import { phases } from './phases.ts'
import { short } from './table.ts'
import { loadVerdicts } from './verdicts.ts'

/** The final screen of a load run: figures first, then what they mean, last what it all comes to. */
export function loadScreen(screen: Screen, order: LoadOrder, dir: string | undefined): string[] {
  const { stream, limiter } = screen.record.summary?.load ?? {}
  // Where nothing was answered there are no figures, and the meter had nothing to measure.
  const measured = stream !== undefined && stream.answered > 0
  return [
    ...title(screen, order),
    ...(stream === undefined ? [] : saturatedBanner(screen, stream)),
    ...(measured ? figures(screen, stream) : []),
    ...(stream === undefined ? [] : phases(screen, stream)),
    ...(measured ? meterLines(screen, stream) : []),
    ...(limiter === undefined ? [] : limits(screen, limiter)),
    ...loadVerdicts(screen),
    ...end(screen, dir),
  ]
}

function title(screen: Screen, { scenario, load, target }: LoadOrder): string[] {
  const { run } = screen.record
  // A search for a limit asks as it goes: what is ordered of arrivals and duration is not its own.
  const isSearch = scenario === 'rpm' || scenario === 'tpm'
  const arrivals =
    load.arrivals === 'closed'
      ? `${plural(load.streams, 'stream')}, closed`
      : `${load.rate === undefined ? 'open' : `${short(load.rate)} requests/s`}, ${load.arrivals}, at most ${plural(load.streams, 'stream')}`
  const much = isSearch ? '' : `${arrivals} · ${short(load.duration_s)} s · `
  const what = `load ${scenario} · ${much}profile ${profileId(run)} · ${target.dialect} · model ${target.models.join(', ')}`
  const at = run.target.embedded
    ? 'target the embedded reference gateway: no --url was given, so it stands in'
    : `target ${target.url}`
  return [
    screen.style.bold(`assay ${safeText(run.assay)}`),
    ...paragraph(screen, what, 0, 3),
    ...paragraph(screen, at, 0, 2),
    ...paragraph(screen, `started ${run.startedAt} · seed ${run.seed}`, 0, 1).map((text) =>
      screen.style.dim(text),
    ),
    '',
  ]
}

const TITLES: Partial<Record<ConclusionWord, string>> = {
  conforms: 'HOLDS',
  fails: 'DOES NOT HOLD',
  unproven: 'NOT PROVEN',
  unjudged: 'NOT JUDGED',
  saturated: 'SATURATED',
  interrupted: 'INTERRUPTED',
}

function end(screen: Screen, dir: string | undefined): string[] {
  const { record, style } = screen
  const conclusion = conclude(record)
  const { word, exit, unproven } = conclusion
  const look =
    word === 'conforms' ? 'good' : word === 'unproven' || word === 'interrupted' ? 'caution' : 'bad'
  const text = TITLES[word] ?? word.toUpperCase()
  const files = 'record.jsonl, samples.jsonl, order.json, summary.json, junit.xml, report.txt'
  const summary = record.summary
  return [
    heading(screen, 'TOTALS'),
    '',
    ...labelled(screen, 'verdicts', outcomesText(outcomesOf(record.verdicts, conclusion.known))),
    ...(summary === undefined
      ? []
      : labelled(
          screen,
          'cost',
          `${plural(summary.cost.requests, 'request')} · ${plural(summary.cost.tokens, 'token')} · ${short(summary.cost.seconds)} s`,
        )),
    ...(dir === undefined ? [] : labelled(screen, 'files', `${dir}: ${files}`)),
    ...(record.torn === undefined ? [] : labelled(screen, 'note', record.torn)),
    '',
    `${style.banner(look, ` ${text} `)}  ${style.dim(`exit ${exit}`)}`,
    ...paragraph(screen, sentence(), 1, 4),
  ]

  function sentence(): string {
    const failed = record.verdicts.filter(({ verdict }) => verdict === 'fail')
    switch (word) {
      case 'conforms':
        return 'Whatever was asked of this load holds.'
      case 'fails':
        return `${plural(failed.length, 'verdict')} failed: ${failed.map(({ id }) => id).join(', ')}.`
      case 'unproven':
        return `Nothing failed, but ${unproven.map(({ id }) => id).join(', ')} ${unproven.length === 1 ? 'has' : 'have'} no answer.`
      case 'saturated': {
        const more =
          failed.length > 0
            ? ` What failed does not depend on it: ${failed.map(({ id }) => id).join(', ')}.`
            : ''
        return `The meter could not keep pace: this run says nothing about the gateway’s speed.${more}`
      }
      case 'interrupted':
        return `The run was stopped before its end: the figures are of what was asked by then; ${plural(record.verdicts.filter(isUnproven).length, 'question')} at must level had no answer.`
      default:
        return 'This run shows nothing.'
    }
  }
}
