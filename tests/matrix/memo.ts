/**
 * A dialect whose pure parts remember. An exchange that is the very same value gives the same view, and a rule that saw
 * a view says the same of it again: judges are pure, so this changes nothing but the time.
 */
import type { Exchange } from '../../reports/record/types.ts'
import type { Dialect, Ground, Rule } from '../../suites/core/check.ts'
import type { View } from '../../suites/core/view.ts'

export function remembering<V extends View>(dialect: Dialect<V>): Dialect<V> {
  const views = new WeakMap<Exchange, V>()
  const checks = new Map<string, ReturnType<Dialect<V>['checks']>>()
  const rules = new Map<string, Rule<V>[]>()
  return {
    ...dialect,
    view(exchange) {
      let view = views.get(exchange)
      if (view === undefined) {
        view = dialect.view(exchange)
        views.set(exchange, view)
      }
      return view
    },
    checks: (ground) => kept(checks, ground, () => dialect.checks(ground)),
    rules: (ground) => kept(rules, ground, () => dialect.rules(ground).map(rememberingRule)),
  }
}

function kept<T>(all: Map<string, T>, { profile, model }: Ground, make: () => T): T {
  const key = `${profile.id} ${model}`
  let held = all.get(key)
  if (held === undefined) {
    held = make()
    all.set(key, held)
  }
  return held
}

function rememberingRule<V extends View>(rule: Rule<V>): Rule<V> {
  const said = new WeakMap<V, ReturnType<Rule<V>['judge']>>()
  const spoke = new WeakMap<V, boolean>()
  return {
    ...rule,
    on(view) {
      let on = spoke.get(view)
      if (on === undefined) {
        on = rule.on(view)
        spoke.set(view, on)
      }
      return on
    },
    judge(view) {
      let findings = said.get(view)
      if (findings === undefined) {
        findings = [...rule.judge(view)]
        said.set(view, findings)
      }
      return findings
    },
  }
}
