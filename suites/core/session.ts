import type { Exchange, Finding, Level, VerdictLine } from '../../reports/record/types.ts'
import { holds, levelOf } from '../../specs/level.ts'
import type { Profile, Specs } from '../../specs/types.ts'
import type { Check, Dialect, Rule } from './check.ts'
import { type Answered, askAll } from './conversation.ts'
import { decide, fateFinding, type Standing } from './decide.ts'
import { Kept } from './kept.ts'
import { plan, type WholePlan } from './plan.ts'
import { resolve } from './resolve.ts'
import { capabilitiesOf, needsOf, type Selected, type SessionOptions, select, speaking } from './select.ts'
import type { Source } from './source.ts'
import type { View } from './view.ts'

/** One run's worth of checks and rules over one source. The same code runs live, offline and in the kill matrix. */
export class Session {
  readonly #specs: Specs
  readonly #profile: Profile
  readonly #options: SessionOptions
  readonly #source: Source
  readonly #selected: Selected[]
  readonly #views = new Map<string, View>()
  readonly #verdicts = new Map<string, Promise<VerdictLine>>()
  readonly #onVerdict: (line: VerdictLine) => void

  constructor(
    given: { specs: Specs; profile: Profile; dialects: Dialect[]; options: SessionOptions; source: Source },
    onVerdict: (line: VerdictLine) => void = () => {},
  ) {
    this.#specs = given.specs
    this.#profile = given.profile
    this.#options = given.options
    this.#source = given.source
    this.#onVerdict = onVerdict
    this.#selected = select(given.dialects, given.profile, given.specs, given.options)
  }

  get selected(): Selected[] {
    return this.#selected
  }

  plan(): WholePlan {
    return plan(this.#selected, this.#options.model)
  }

  /** Asks and judges everything. Verdicts come in the order of the checks, rules last; the order never depends on time. */
  async run(): Promise<VerdictLine[]> {
    const lines: VerdictLine[] = []
    for (const part of this.#selected) {
      const asked = [...part.checks.keys()].map(async (id) => ({ id, line: await this.#verdict(part, id) }))
      for (const { id, line } of await Promise.all(asked)) if (part.reported.has(id)) lines.push(line)
    }
    return [...lines, ...this.judgeRules()]
  }

  /** Judges all rules over every exchange that was asked for so far. */
  judgeRules(): VerdictLine[] {
    return this.#selected.flatMap((part) => this.#judgeRules(part))
  }

  /** Asks and judges one check, and what it needs, now. Throws for an id that is not selected. */
  verdict(id: string): Promise<VerdictLine> {
    const part = this.#selected.find(({ checks }) => checks.has(id))
    if (part === undefined) throw new Error(`no check ${id} is selected`)
    return this.#verdict(part, id)
  }

  #verdict(part: Selected, id: string): Promise<VerdictLine> {
    let verdict = this.#verdicts.get(id)
    if (verdict === undefined) {
      verdict = this.#judgeCheck(part, part.checks.get(id)!).then((line) => {
        if (part.reported.has(id)) this.#onVerdict(line)
        return line
      })
      this.#verdicts.set(id, verdict)
    }
    return verdict
  }

  async #judgeCheck(part: Selected, check: Check): Promise<VerdictLine> {
    const standing = this.#standing(check.requirements)
    const line = this.#line('check', check, standing)
    if (check.leftOut !== undefined) {
      return { ...line, verdict: 'skip', message: check.leftOut, skip: { reason: 'chosen' } }
    }
    for (const need of needsOf(check, part.dialect)) {
      const holder = this.#selected.find(({ checks }) => checks.has(need))
      if (holder === undefined) continue
      const before = await this.#verdict(holder, need)
      if (before.verdict === 'pass' || before.verdict === 'warn') continue
      // What the user chose not to ask leaves nothing unproven, however many checks rest on it.
      const reason = before.skip?.reason === 'chosen' ? 'chosen' : 'blocked'
      return { ...line, verdict: 'skip', message: `blocked by ${need}`, skip: { reason, by: need } }
    }
    let answered: Answered
    try {
      answered = await askAll(check, {
        resolve: (probe) =>
          resolve(probe, { model: this.#options.model, promise: speaking(part, probe).promise }),
        ask: (resolved) => this.#source.ask(resolved),
        view: (exchange) => this.#view(speaking(part, exchange).dialect, exchange),
        succeeded: (view) => speaking(part, view.exchange).dialect.succeeded(view),
        overloaded: (view) => speaking(part, view.exchange).dialect.overloaded?.(view) === true,
      })
    } catch (error) {
      // One check that cannot be asked must not take the others with it.
      return { ...line, verdict: 'error', message: `assay failed: ${describe(error)}` }
    }
    return this.#conclude(check, answered, standing, line, part)
  }

  #conclude(
    check: Check,
    answered: Answered,
    standing: Standing,
    line: VerdictLine,
    part: Selected,
  ): VerdictLine {
    line.exchanges = answered.exchanges
    if (answered.elicited !== undefined) line.elicited = answered.elicited
    const { missing } = answered
    if (missing?.missing === 'chosen' || missing?.missing === 'unavailable') {
      return { ...line, verdict: 'skip', message: missing.text, skip: { reason: missing.missing } }
    }
    const promise = check.field === undefined ? undefined : part.promise.fields[check.field]
    if (check.field !== undefined) {
      line.field = {
        path: check.field,
        documented: promise?.fate ?? 'undocumented',
        observed: 'inconclusive',
      }
    }
    // What was seen to be wrong stays wrong, whatever else could not be asked.
    let inconclusive = answered.inconclusive ?? missing?.text ?? answered.blocked
    const findings: Finding[] = answered.findings.map((found) => ({ id: check.id, ...found }))
    if (inconclusive === undefined && findings.length === 0) {
      try {
        for (const outcome of check.judge(answered.asked)) {
          if ('inconclusive' in outcome) inconclusive ??= outcome.inconclusive
          else if ('fate' in outcome) {
            // A server that fell over said nothing about the field.
            const fell = outcome.fate === 'refused' && outcome.status >= 500
            if (line.field !== undefined) line.field.observed = fell ? 'inconclusive' : outcome.fate
            const seen = { ...outcome, at: outcome.where.place }
            const found = fateFinding(seen, check.field ?? check.id, promise)
            if (found !== undefined) findings.push({ id: check.id, ...found })
            if (outcome.fate === 'inconclusive') inconclusive ??= outcome.got
          } else findings.push({ id: check.id, ...outcome })
        }
      } catch (error) {
        return { ...line, verdict: 'error', message: `assay failed: ${describe(error)}` }
      }
    }
    return { ...line, findings, ...decide(findings, standing, inconclusive) }
  }

  #judgeRules(part: Selected): VerdictLine[] {
    const asked = [...this.#views.values()].filter((view) => view.exchange.dialect === part.dialect.id)
    const all = asked.flatMap((view) => [
      ...(view.exchange.earlier ?? []).map((exchange) => this.#view(part.dialect, exchange)),
      view,
    ])
    const views = [...new Set(all)]
    views.sort((a, b) => (a.exchange.digest < b.exchange.digest ? -1 : 1))
    return part.rules.map((rule) => {
      const line = this.judgeRule(rule, views)
      this.#onVerdict(line)
      return line
    })
  }

  /** One rule over many exchanges; equal findings (same cause, other exchange) are kept up to a bound. */
  judgeRule(rule: Rule, views: View[]): VerdictLine {
    const standing = this.#standing(rule.requirements, rule.tier)
    const line = this.#line('rule', rule, standing)
    const kept = new Kept(standing)
    try {
      for (const view of views) {
        if (!rule.on(view)) continue
        line.exchanges.push(view.exchange.digest)
        for (const found of rule.judge(view)) kept.add({ id: rule.id, ...found })
      }
    } catch (error) {
      return { ...line, verdict: 'error', message: `assay failed: ${describe(error)}` }
    }
    if (line.exchanges.length === 0) {
      return {
        ...line,
        verdict: 'skip',
        message: 'nothing that this rule speaks of came up',
        skip: { reason: 'idle' },
      }
    }
    const { findings } = kept
    return { ...line, findings, ...decide(findings, standing) }
  }

  #view(dialect: Dialect, exchange: Exchange): View {
    let view = this.#views.get(exchange.digest)
    if (view === undefined) {
      view = dialect.view(exchange)
      this.#views.set(exchange.digest, view)
    }
    return view
  }

  #standing(requirements: string[], tier?: string): Standing {
    const capabilities = capabilitiesOf(this.#profile, this.#options.model)
    const level = (ids: string[]): Level | undefined =>
      levelOf(ids, this.#profile, this.#specs.requirements, capabilities)
    return {
      level:
        level(requirements) ?? (tier !== undefined && this.#profile.claims.includes(tier) ? 'must' : 'may'),
      profile: this.#profile,
      contradictions: this.#specs.contradictions,
      levelOf: (id) => level([id]),
    }
  }

  #line(kind: 'check' | 'rule', subject: Check | Rule, standing: Standing): VerdictLine {
    const held = subject.requirements
      .map((id) => this.#specs.requirements.get(id))
      .filter((row) => row !== undefined && holds(this.#profile, row))
    return {
      type: 'verdict',
      id: subject.id,
      kind,
      title: subject.title,
      verdict: 'pass',
      level: standing.level,
      message: '',
      requirements: held.map((row) => ({
        id: row!.id,
        text: row!.text,
        source: row!.source.join(', '),
        level: row!.level,
      })),
      fix: subject.fix,
      findings: [],
      exchanges: [],
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
