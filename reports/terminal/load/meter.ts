import type { StreamFigures } from '../../record/load.ts'
import { heading, labelled, paragraph, type Screen } from '../screen.ts'
import { percent, short } from './table.ts'

/** SATURATED, five lines high: nobody reads past it. */
const LETTERS: Record<string, readonly string[]> = {
  S: [' ####', '#    ', ' ### ', '    #', '#### '],
  A: [' ### ', '#   #', '#####', '#   #', '#   #'],
  T: ['#####', '  #  ', '  #  ', '  #  ', '  #  '],
  U: ['#   #', '#   #', '#   #', '#   #', ' ### '],
  R: ['#### ', '#   #', '#### ', '#  # ', '#   #'],
  E: ['#####', '#    ', '###  ', '#    ', '#####'],
  D: ['#### ', '#   #', '#   #', '#   #', '#### '],
}

export function saturatedBanner(screen: Screen, { meter }: StreamFigures): string[] {
  if (!meter.saturated) return []
  const lines = [0, 1, 2, 3, 4].map((i) =>
    [...'SATURATED'].map((letter) => LETTERS[letter]?.[i] ?? '').join(' '),
  )
  return [
    ...lines.map((line) => screen.style.bad(`  ${line}`)),
    '',
    ...paragraph(
      screen,
      'The meter could not keep pace. The figures below may be its own and not the gateway’s; no objective is judged.',
    ),
    ...meter.reasons.flatMap((reason) => paragraph(screen, `- ${reason}`, 2, 3)),
    '',
  ]
}

/** What the meter says of itself. */
export function meterLines(screen: Screen, { meter, file, answered }: StreamFigures): string[] {
  const { lag_ms, heartbeat_ms, cpu, gc_pause_ms, coalesced_low } = meter
  const isSilent = answered === 0
  const lag =
    lag_ms === undefined
      ? isSilent
        ? 'nothing was read'
        : 'the system does not tell when bytes came'
      : `${short(lag_ms.p50)} ms at the median, ${short(lag_ms.p99)} at the 99th percentile, ${short(lag_ms.max)} at most (a lower bound)`
  const share = `${percent(meter.coalesced)} of the reads brought several tokens`
  const low =
    coalesced_low === undefined
      ? '; the share at low load is not known'
      : `, ${percent(coalesced_low.share)} at low load (${coalesced_low.from})`
  const parts = [
    ...(cpu === undefined
      ? []
      : [`CPU ${percent(cpu.median)} of ${file.cpus} cores, ${percent(cpu.max)} at most`]),
    ...(meter.cpu_us_per_chunk === undefined ? [] : [`${short(meter.cpu_us_per_chunk)} µs a read`]),
    ...(heartbeat_ms === undefined
      ? []
      : [`timers ${short(heartbeat_ms.p99)} ms late (p99), ${short(heartbeat_ms.max)} at most`]),
    ...(gc_pause_ms === undefined ? [] : [`GC pauses up to ${short(gc_pause_ms.max)} ms`]),
    ...(meter.rss_mib === undefined ? [] : [`${short(meter.rss_mib)} MiB`]),
  ]
  return [
    heading(screen, 'THE METER'),
    '',
    ...labelled(screen, 'reads came late', lag),
    ...(isSilent ? [] : labelled(screen, 'coalesced', `${share}${low}`)),
    ...(parts.length > 0 ? labelled(screen, 'itself', parts.join(' · ')) : []),
    ...(isSilent
      ? []
      : labelled(
          screen,
          'arrival times',
          meter.stamped >= 0.9995
            ? 'by the kernel, all reads'
            : meter.stamped > 0
              ? `by the kernel for ${percent(meter.stamped)} of the reads, the others when they were read`
              : 'when they were read: the kernel does not tell here',
        )),
    '',
  ]
}
