import type { Level } from '../../../reports/record/types.ts'
import type { Check, Ground } from '../../core/check.ts'
import { requestFields } from '../../core/schema.ts'
import type { ChatView } from '../view.ts'
import { acceptedCheck } from './accepted.ts'
import { casesFor } from './cases.ts'
import type { Case } from './compose.ts'
import { cover } from './covering.ts'
import { effectCheck } from './effect-check.ts'
import { pairs } from './pairs.ts'
import { refusedCheck } from './refused.ts'

/** At most three questions for each field of the request: is it accepted, what is its effect, is a wrong value refused. */
export function fieldChecks(ground: Ground): Check<ChatView>[] {
  const cases = casesFor(ground)
  const rowOf = coverRows(cases, ground)
  const checks: Check<ChatView>[] = [...pairs]
  for (const field of requestFields('openai-chat')) {
    const own = cases.get(field.path)!
    const [carrier] = own
    const promise = ground.promise.fields[field.path]
    if (carrier === undefined) continue
    const effect = effectCheck(field, carrier, ground)
    if (effect !== undefined) checks.push(effect)
    checks.push(acceptedCheck(field, own, rowOf, ground))
    // A model that cannot do it owes no refusal of its wrong values either.
    if (promise !== undefined && ground.level(promise.requirements) !== undefined) {
      const refused = refusedCheck(field, carrier, promise)
      if (refused !== undefined) checks.push(refused)
    }
  }
  return checks
}

type Class = Level | 'undocumented' | 'other'

/** The row of each case. What binds, what is told, and what is not documented never share a request. */
export function coverRows(cases: ReadonlyMap<string, Case[]>, ground: Ground): Map<Case, Case[]> {
  const classes = new Map<Class, Case[]>()
  for (const [path, list] of cases) {
    const promise = ground.promise.fields[path]
    const level = promise === undefined ? 'undocumented' : (ground.level(promise.requirements) ?? 'other')
    for (const one of list) {
      const kind = level === 'must' && one.official ? 'may' : level
      classes.set(kind, [...(classes.get(kind) ?? []), one])
    }
  }
  const rowOf = new Map<Case, Case[]>()
  for (const list of classes.values()) {
    for (const row of cover(list)) for (const one of row) rowOf.set(one, row)
  }
  return rowOf
}
