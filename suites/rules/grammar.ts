import type { By, Level } from '../../reports/record/types.ts'
import { grammarDocument } from '../../schemas/documents.ts'
import { finding, type Placed, type Rule } from '../core/check.ts'
import { type GrammarFinding, runGrammar } from '../core/grammar.ts'
import type { StreamView } from '../core/stream-view.ts'

const ran = new WeakMap<object, GrammarFinding[]>()

function findingsOf(view: StreamView): GrammarFinding[] {
  let found = ran.get(view.sse)
  if (found === undefined) {
    const { kind } = view.exchange.end
    const whole = (kind === 'complete' || kind === 'closed') && view.unread === undefined
    const ended = whole ? 'clean' : 'cut'
    const events = view.events.map(({ event, json }) => ({ type: event.type, data: event.data, json }))
    found = runGrammar(grammarDocument(view.dialect), events, ended)
    ran.set(view.sse, found)
  }
  return found
}

function placeOf(view: StreamView, found: GrammarFinding): Placed {
  const event = view.events[found.event]
  if (event === undefined) return view.endPlace
  return { place: found.pointer === undefined ? event.place : { ...event.place, pointer: found.pointer } }
}

/**
 * One rule for each rule of the dialect's grammar. Where the profile holds a requirement of the rule, a deviation is one
 * from its documents; elsewhere it is weighed by whose word the grammar names.
 */
export function grammarRules(
  dialect: string,
  level: (requirements: readonly string[]) => Level | undefined,
): Rule<StreamView>[] {
  const grammar = grammarDocument(dialect)
  return Object.entries(grammar.rules).map(([name, rule]) => {
    const id = `${dialect}/grammar/${name}`
    const requirements = rule.requirements ?? []
    const said = rule.by as By
    const by: By = said !== 'should' && level(requirements) !== undefined ? 'documented' : said
    return {
      id,
      title: rule.title,
      requirements,
      fix: rule.fix,
      tier: said === 'official' || said.startsWith('client:') ? (said as 'official') : 'official',
      on: (view) => view.isStream,
      *judge(view) {
        for (const found of findingsOf(view)) {
          if (found.rule !== id) continue
          yield finding(placeOf(view, found), found.expected, found.got, {
            by,
            ...(rule.why === undefined ? {} : { why: rule.why }),
          })
        }
      },
    }
  })
}
