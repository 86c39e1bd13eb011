/** The cancel scenario: clients hang up in the middle; are their places free again, and how soon? */
import type { Order } from '../../../order.ts'
import { between, inShare, seedOf, uniform } from '../../prompts/random.ts'
import { optionsOf } from '../plan/defaults.ts'
import { DEFAULT_KEY } from '../plan/timetable.ts'
import type { Drive } from './drive.ts'
import type { Ask, Result } from './engine.ts'

const HANGS_UP = 0

/**
 * Notes for each wave in which somebody hung up `recovered` {wave, hung_up, admitted_at_once, ms, probes}: of so many that hung up, so many
 * probes were let in when asked for at once, and `ms` after the last hang-up the last of them was; null: not all
 * were within `probe_for_s`.
 */
export async function cancel(drive: Drive, start: number): Promise<void> {
  const { order, engine } = drive
  const { waves } = optionsOf(order, 'cancel')
  const most = start + order.caps.duration_s * 1000
  const last = Math.min(most, start + order.load.duration_s * 1000)
  for (let wave = 1; wave <= waves && !drive.over && engine.now() < last; wave += 1) {
    announce(drive, `wave-${wave}`)
    const { hungUp, staying } = await hangUp(drive, wave)
    announce(drive, `recovery-${wave}`)
    const seen = await recover(drive, wave, hungUp, most)
    // Without the time or the leave to ask on, nothing is known of the places.
    if (seen !== undefined) engine.note('recovered', { wave, hung_up: hungUp, ...seen })
    await staying
  }
}

function announce({ order, engine }: Drive, name: string): void {
  const load = { name, arrivals: 'at-once', streams: order.load.streams, key: DEFAULT_KEY }
  engine.note('lane', { ...load, phases: [{ name, from_ms: 0 }], start_ms: engine.now() })
}

/** A wave: ends when the last that was to hang up has done so. `staying`: those that were not. */
async function hangUp(drive: Drive, wave: number): Promise<{ hungUp: number; staying: Promise<unknown> }> {
  const { order } = drive
  const { share } = optionsOf(order, 'cancel')
  const leaving: Promise<Result>[] = []
  const staying: Promise<Result>[] = []
  for (let i = 0; i < order.load.streams && !drive.over; i += 1) {
    await drive.book()
    const number = wave * order.load.streams + i
    if (inShare(share, number, HANGS_UP)) {
      leaving.push(drive.ask(`wave-${wave}`, { stream: true, cancel: whenToLeave(order, number) }))
    } else staying.push(drive.ask(`wave-${wave}`, { stream: true }))
  }
  const left = await Promise.all(leaving)
  return { hungUp: left.filter(({ outcome }) => outcome === 'hung-up').length, staying: Promise.all(staying) }
}

/** By tokens and by time, in turn. */
export function whenToLeave(order: Order, number: number): NonNullable<Ask['cancel']> {
  const { after_tokens, after_ms } = optionsOf(order, 'cancel')
  const random = uniform(seedOf(order.seed, number, 2))
  return number % 2 === 0
    ? { tokens: Math.max(1, between(after_tokens, random())) }
    : { ms: between(after_ms, random()) }
}

interface Recovery {
  admitted_at_once: number
  ms: number | null
  probes: number
}

/**
 * As many probes as clients that left, all at once: one that is refused asks again until it is let in. Undefined:
 * nobody left, or the run came to its end, or to `most`, before that was known.
 */
async function recover(
  drive: Drive,
  wave: number,
  count: number,
  most: number,
): Promise<Recovery | undefined> {
  const { order, engine } = drive
  const { probe_every_ms, probe_for_s } = optionsOf(order, 'cancel')
  const begin = engine.now()
  const last = begin + probe_for_s * 1000
  const seen = { admitted_at_once: 0, ms: 0, probes: 0, admitted: 0 }
  const probe = async () => {
    for (let tries = 0; !drive.over && engine.now() <= Math.min(last, most); tries += 1) {
      await drive.book()
      seen.probes += 1
      const result = await drive.ask(`recovery-${wave}`, { stream: true })
      if (result.status >= 200 && result.status < 300) {
        if (tries === 0) seen.admitted_at_once += 1
        seen.admitted += 1
        // Let in when its answer began; without one, when it ended.
        const at = (result.start_us + (result.ttfb_us ?? result.e2e_us ?? 0)) / 1000
        seen.ms = Math.max(seen.ms, at - begin)
        return
      }
      await engine.sleep(probe_every_ms)
    }
  }
  await Promise.all(Array.from({ length: count }, probe))
  const { admitted_at_once, probes, admitted } = seen
  if (count === 0) return undefined
  if (admitted === count) return { admitted_at_once, probes, ms: Math.max(0, seen.ms) }
  return drive.over || most < last ? undefined : { admitted_at_once, probes, ms: null }
}
