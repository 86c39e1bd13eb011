import type { Order } from '../order.ts'
import type { Group } from './group.ts'
import { merged } from './group.ts'
import type { NoteLine } from './read.ts'
import type { Tally } from './tally.ts'

/** A phase with all its models. */
export interface Phase {
  name: string
  group: Group
  /** Requests a second that were planned. */
  rate?: number
  /** Key role that asked, where it is not the default one. */
  role?: string
}

/** Phases that no headline is made of, and why. */
const APART: readonly [pattern: RegExp, why: string][] = [
  [/^calibrate$/, 'the meter at no load'],
  [/^warmup$/, 'the warm-up'],
  [/^settle-\d+$/, 'the start of a step'],
  [/^recovery-\d+$/, 'probes after clients hung up'],
  [/^hammer$/, 'the other key'],
  [/^stalled$/, 'readers that slept on purpose'],
]

/** Whether its requests all begin at once: the last of them are late by what the others take. */
export function isBurst(phase: string): boolean {
  return /^burst-\d+$/.test(phase)
}

/** Why a phase is not part of the headline; undefined: it is. */
export function apart(phase: string): string | undefined {
  return APART.find(([pattern]) => pattern.test(phase))?.[1]
}

/** All phases, in the order in which they began. */
export function phasesOf(tally: Pick<Tally, 'groups' | 'notes'>): Phase[] {
  const rates = ratesOf(tally.notes)
  const roles = rolesOf(tally.notes)
  return [...tally.groups]
    .map(([name, models]): Phase => {
      const rate = rates.get(name)
      const role = roles.get(name)
      return {
        name,
        group: merged(models.values()),
        ...(rate === undefined ? {} : { rate }),
        ...(role === undefined ? {} : { role }),
      }
    })
    .sort((a, b) => a.group.from_us - b.group.from_us)
}

/** The phases that the headline is made of: of a sweep, the step at its knee. */
export function headlineOf(
  order: Pick<Order, 'scenario'>,
  phases: readonly Phase[],
  knee?: string,
): string[] {
  const names = phases.map(({ name }) => name).filter((name) => apart(name) === undefined)
  if (order.scenario !== 'sweep') return names
  const steps = names.filter((name) => name.startsWith('step-'))
  const chosen = knee ?? steps[0]
  return chosen === undefined ? names : [chosen]
}

function ratesOf(notes: readonly NoteLine[]): Map<string, number> {
  const rates = new Map<string, number>()
  for (const { name, value } of notes) {
    if (typeof value.rate !== 'number') continue
    if (name === 'step' && typeof value.phase === 'string') rates.set(value.phase, value.rate)
    if (name === 'lane') for (const phase of namesIn(value)) rates.set(phase, value.rate)
  }
  return rates
}

function rolesOf(notes: readonly NoteLine[]): Map<string, string> {
  const roles = new Map<string, string>()
  for (const { name, value } of notes) {
    if (name !== 'lane' || typeof value.key !== 'string' || value.key === 'default') continue
    for (const phase of namesIn(value)) roles.set(phase, value.key)
  }
  return roles
}

function namesIn(lane: Record<string, unknown>): string[] {
  if (!Array.isArray(lane.phases)) return []
  return lane.phases.flatMap((phase: unknown) =>
    typeof phase === 'object' && phase !== null && 'name' in phase && typeof phase.name === 'string'
      ? [phase.name]
      : [],
  )
}
