import type { Json } from '../../reports/record/types.ts'
import type { Joined, Machine } from '../../schemas/types/grammar.ts'
import { at, type JsonKind, kind } from './grammar-condition.ts'

/** One machine for one key: one choice, one tool call, one content block. */
export interface Instance {
  state: string
  pointer: string
  first: number
  last: number
  said: Set<string>
  /** By path. Made, like the two below, when there is a first one: there may be very many instances. */
  constants?: Map<string, Json>
  /** By the paths of the total, joined. */
  totals?: Map<string, number>
  /** By path, in the order in which they came. */
  joined?: Map<string, string[]>
  /** Names of rules that were reported: each is reported once an instance. */
  broken: Set<string>
  /** Instances below, by machine, then key. */
  below: Map<Machine, Map<string | number, Instance>>
  /** How many instances below began with an event that opens one. */
  opened?: Map<Machine, number>
}

export function newInstance(machine: Machine, pointer: string, number: number): Instance {
  return {
    state: machine.initial,
    pointer,
    first: number,
    last: number,
    said: new Set(),
    broken: new Set(),
    below: new Map(),
  }
}

/** A rule that the values of an item break, and where. */
export interface ValueBreak {
  rule: string
  path: string
  before: Json
  now: Json
}

/** Lays the values of an item over what the instance knows: scalars that must stay, numbers that must not fall. */
export function* valuesOf(
  machine: Machine,
  instance: Instance,
  item: Json | undefined,
): Generator<ValueBreak> {
  for (const { path, rule } of machine.constants ?? []) {
    const now = at(item, path)
    if (now === undefined || now === null || now === '' || typeof now === 'object') continue
    instance.constants ??= new Map()
    const before = instance.constants.get(path)
    if (before === undefined) instance.constants.set(path, now)
    else if (before !== now) yield { rule, path, before, now }
  }
  for (const { paths, rule } of machine.totals ?? []) {
    const path = paths.find((one) => typeof at(item, one) === 'number')
    const now = path === undefined ? undefined : at(item, path)
    if (path === undefined || typeof now !== 'number') continue
    const name = paths.join(' ')
    instance.totals ??= new Map()
    const before = instance.totals.get(name)
    instance.totals.set(name, now)
    if (before !== undefined && now < before) yield { rule, path, before, now }
  }
  for (const { path } of machine.joined ?? []) {
    const piece = at(item, path)
    if (typeof piece !== 'string') continue
    instance.joined ??= new Map()
    const pieces = instance.joined.get(path)
    if (pieces === undefined) instance.joined.set(path, [piece])
    else pieces.push(piece)
  }
}

/** The joined text where it is not what it must be; undefined where it is right, or where there is none. */
export function misjoined(instance: Instance, { path, is }: Joined): string | undefined {
  const text = (instance.joined?.get(path) ?? []).join('')
  if (text === '') return undefined
  const found = kindOfText(text)
  return found !== undefined && is.some((one) => one === found) ? undefined : text
}

function kindOfText(text: string): JsonKind | undefined {
  try {
    return kind(JSON.parse(text))
  } catch {
    return undefined
  }
}
