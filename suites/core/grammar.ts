import type { Json } from '../../reports/record/types.ts'
import type { Grammar, Machine } from '../../schemas/types/grammar.ts'
import { show } from './check.ts'
import { at, type GrammarEvent, holds } from './grammar-condition.ts'
import { type Instance, misjoined, newInstance, valuesOf } from './grammar-instance.ts'

export type { GrammarEvent } from './grammar-condition.ts'

/** A rule of the grammar that a stream breaks. */
export interface GrammarFinding {
  /** `<dialect>/grammar/<name>`. */
  rule: string
  /** Number of the event, from 0; -1 where the stream had none. */
  event: number
  /** JSON Pointer into the event's data, where the finding is about one part of it. */
  pointer?: string
  expected: string
  got: string
}

interface Work {
  machine: Machine
  instance: Instance
  item: Json | undefined
  pointer: string
}

/**
 * Runs a stream through the grammar of its dialect. `cut`: the bytes broke off, so nothing is owed at the end.
 * Pure and linear in the size of the data; findings come in the order of the events, those of the end last.
 */
export function runGrammar(
  grammar: Grammar,
  events: Iterable<GrammarEvent>,
  ended: 'clean' | 'cut',
): GrammarFinding[] {
  const run = new Run(grammar)
  for (const event of events) run.take(event)
  if (ended === 'clean') run.end()
  return run.findings
}

/** A rule is reported at most so often: a gateway that numbers tokens as choices breaks one for each token. */
const MOST = 8

class Run {
  readonly findings: GrammarFinding[] = []
  private readonly grammar: Grammar
  private readonly children: Map<Machine, Machine[]>
  private readonly rootMachine: Machine
  private readonly root: Instance
  /** Every instance that ever was, in the order of its first event. */
  private readonly instances: { machine: Machine; instance: Instance }[] = []
  /** Of each machine, the instance that began last. */
  private readonly newest = new Map<Machine, Instance>()
  private readonly reported = new Map<string, number>()
  private count = 0

  constructor(grammar: Grammar) {
    const root = grammar.machines[0]
    if (root === undefined) throw new Error(`${grammar.dialect}: a grammar without machines`)
    this.grammar = grammar
    this.rootMachine = root
    this.children = new Map(
      grammar.machines.map((m) => [m, grammar.machines.filter((c) => c.below === m.machine)]),
    )
    this.root = this.begin(root, '', 0)
  }

  take(event: GrammarEvent): void {
    const number = this.count++
    const found = this.grammar.events.find(
      (c) => c.when?.every((w) => holds(w, event, '', event.json)) ?? true,
    )
    if (found === undefined)
      throw new Error(`${this.grammar.dialect}: the last class of events has conditions`)
    const closed = this.rootMachine.states[this.root.state]?.closed === true
    const mark = this.grammar.every?.find((m) =>
      m.when.every((w) => holds(w, event, found.class, event.json)),
    )
    if (mark !== undefined && !closed) {
      const path = mark.when.find((w) => w.path !== undefined)?.path ?? ''
      const part = path === '' ? '' : `, ${path} ${show(at(event.json, path))}`
      this.report(this.root, mark.violates, number, below('', path), `an event named ${event.type}${part}`)
    }
    if (found.violates !== undefined && !closed) {
      this.report(this.root, found.violates, number, '', event.json ?? event.data)
    }
    const work: Work[] = [{ machine: this.rootMachine, instance: this.root, item: event.json, pointer: '' }]
    for (const one of work) {
      this.step(one, event, found.class, number)
      if (!closed) this.descend(one, found.class, number, work)
    }
  }

  /** Says the signals of one item to one instance. */
  private step(
    { machine, instance, item, pointer }: Work,
    event: GrammarEvent,
    eventClass: string,
    number: number,
  ): void {
    instance.last = number
    for (const { rule, path, before, now } of valuesOf(machine, instance, item)) {
      this.report(instance, rule, number, below(pointer, path), `${show(now)} after ${show(before)}`)
    }
    const signals = machine.signals ?? [{ signal: eventClass, when: [{ class: [eventClass] }] }]
    const said = new Set<string>()
    for (const { signal, when } of signals) {
      if (said.has(signal) || !when.every((w) => holds(w, event, eventClass, item))) continue
      said.add(signal)
      instance.said.add(signal)
      const state = machine.states[instance.state]
      const transition = state?.on?.[signal] ?? state?.on?.['*']
      if (transition === undefined) continue
      if (transition.violates !== undefined) {
        const path = when.find((w) => w.path !== undefined)?.path
        const part = path === undefined ? item : at(item, path)
        this.report(instance, transition.violates, number, below(pointer, path ?? ''), part ?? event.data)
      }
      if (transition.to !== undefined) instance.state = transition.to
    }
  }

  /** Finds the instances below that the item speaks to. */
  private descend(
    { machine, instance, item, pointer }: Work,
    eventClass: string,
    number: number,
    work: Work[],
  ): void {
    for (const child of this.children.get(machine) ?? []) {
      if (child.classes !== undefined && !child.classes.includes(eventClass)) continue
      const list = child.each === undefined ? [item] : at(item, child.each)
      if (!Array.isArray(list)) continue
      for (const [place, element] of list.entries()) {
        const where = child.each === undefined ? pointer : `${below(pointer, child.each)}/${place}`
        const key = child.key === undefined ? '' : keyOf(at(element, child.key.path), child.key.is)
        if (key === undefined) {
          const { path = '', missing = '' } = child.key ?? {}
          this.report(instance, missing, number, where, `${path}: ${show(at(element, path))}`)
          continue
        }
        const known = instance.below.get(child) ?? new Map<string | number, Instance>()
        instance.below.set(child, known)
        let target = known.get(key)
        if (target === undefined) {
          target = this.begin(child, where, number)
          known.set(key, target)
          this.opens(instance, child, key, eventClass, target)
        }
        work.push({ machine: child, instance: target, item: element, pointer: where })
      }
    }
  }

  /** Instances that open in order have the keys 0, 1, 2 …; one that does not is reported where it begins. */
  private opens(
    instance: Instance,
    child: Machine,
    key: string | number,
    eventClass: string,
    target: Instance,
  ): void {
    const { opens, path = '' } = child.key ?? {}
    if (opens === undefined || !opens.classes.includes(eventClass)) return
    instance.opened ??= new Map()
    const next = instance.opened.get(child) ?? 0
    instance.opened.set(child, next + 1)
    if (key !== next)
      this.report(instance, opens.rule, target.first, below(target.pointer, path), `${key}, not ${next}`)
  }

  /** What is owed when the stream has ended in order. */
  end(): void {
    if (this.rootMachine.states[this.root.state]?.settles === true) return
    const got = 'the end of the stream'
    for (const { machine, instance } of this.instances) {
      const last = instance === this.root ? this.count - 1 : instance.last
      for (const debt of machine.owes ?? []) {
        if (instance.said.has(debt.signal)) continue
        const first = debt.at === 'first'
        this.report(
          instance,
          debt.rule,
          first ? instance.first : last,
          first ? instance.pointer : undefined,
          got,
        )
      }
      const state = machine.states[instance.state]
      if (state?.end !== undefined && !this.cutOff(machine, instance, state.unless)) {
        this.report(instance, state.end, last, undefined, got)
      }
      for (const joined of machine.joined ?? []) {
        if (this.cutOff(machine, instance, joined.unless)) continue
        const text = misjoined(instance, joined)
        if (text !== undefined) this.report(instance, joined.rule, last, undefined, text)
      }
      for (const [child, known] of instance.below) this.gap(instance, child, known)
    }
  }

  /** Whether the root said that the answer was cut off, and this is the instance in which it was. */
  private cutOff(machine: Machine, instance: Instance, signal: string | undefined): boolean {
    return signal !== undefined && this.root.said.has(signal) && this.newest.get(machine) === instance
  }

  /** Keys that are not 0, 1, 2 … are reported at the first event of the first key past the gap. */
  private gap(instance: Instance, child: Machine, known: Map<string | number, Instance>): void {
    const rule = child.key?.gap
    if (rule === undefined) return
    let free = 0
    while (known.has(free)) free++
    if (free === known.size) return
    let past: Instance | undefined
    for (const [key, target] of known) {
      if (Number(key) > free && (past === undefined || target.first < past.first)) past = target
    }
    if (past !== undefined) this.report(instance, rule, past.first, past.pointer, `no ${free}`)
  }

  private begin(machine: Machine, pointer: string, number: number): Instance {
    const instance = newInstance(machine, pointer, number)
    this.newest.set(machine, instance)
    this.instances.push({ machine, instance })
    return instance
  }

  private report(
    instance: Instance,
    name: string,
    event: number,
    pointer: string | undefined,
    got: unknown,
  ): void {
    const before = this.reported.get(name) ?? 0
    if (instance.broken.has(name) || before === MOST) return
    instance.broken.add(name)
    this.reported.set(name, before + 1)
    const finding: GrammarFinding = {
      rule: `${this.grammar.dialect}/grammar/${name}`,
      event,
      expected: this.grammar.rules[name]?.expected ?? name,
      got: show(got),
    }
    if (pointer !== undefined && pointer !== '') finding.pointer = pointer
    this.findings.push(finding)
  }
}

function keyOf(value: Json | undefined, is: 'index' | 'string'): string | number | undefined {
  if (is === 'string') return typeof value === 'string' ? value : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function below(pointer: string, path: string): string {
  return path === '' ? pointer : `${pointer}/${path.replaceAll('.', '/')}`
}
