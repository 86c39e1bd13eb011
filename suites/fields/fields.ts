import type { Level } from '../../reports/record/types.ts'
import type { Check, Ground } from '../core/check.ts'
import { requestFields } from '../core/schema.ts'
import type { StreamView } from '../core/stream-view.ts'
import { acceptedCheck } from './accepted.ts'
import { casesFor } from './cases.ts'
import type { Case } from './compose.ts'
import { cover } from './covering.ts'
import { effectCheck } from './effect-check.ts'
import { goneFields } from './gone.ts'
import { ignoredCheck, ignoredTogether } from './ignored.ts'
import { coverFreely, ignoredRows, isIgnored } from './ignored-rows.ts'
import type { FieldKit } from './kit.ts'
import { refusedCheck } from './refused.ts'
import { unknownField } from './unknown.ts'

/** At most three questions for each field of the request: is it accepted, what is its effect, is a wrong value refused. */
export function fieldChecks<V extends StreamView>(ground: Ground, kit: FieldKit<V>): Check<V>[] {
  const cases = casesFor(ground, kit)
  const rowOf = coverRows(cases, ground, kit)
  const gone = goneFields(kit.dialect, ground.promise)
  const rows = ignoredRows(ground, cases, kit)
  const checks: Check<V>[] = [unknownField(kit), ...kit.pairs]
  for (const field of requestFields(kit.dialect)) {
    const own = cases.get(field.path)!
    const [carrier] = own
    const promise = ground.promise.fields[field.path]
    if (carrier === undefined) continue
    if (gone.has(field.path)) {
      // There is nothing to be seen of it but that it is refused, and any value shows that.
      checks.push(acceptedCheck(field, own.slice(0, 1), rowOf, ground, kit))
      continue
    }
    const accepted = acceptedCheck(field, own, rowOf, ground, kit)
    const ignored = isIgnored(promise, ground)
    const effect = effectCheck(field, carrier, ground, kit)
    // What is asked until it shows cannot show that there is nothing.
    const lone = effect?.elicit !== undefined && Object.keys(effect.ask).length === 1
    if (effect !== undefined && !(ignored && lone)) checks.push(effect)
    checks.push(accepted)
    if (ignored) {
      checks.push(ignoredCheck(field, rows, ground, kit))
      continue
    }
    // A refusal of what is not supported names that, not a value in it. A model that cannot do it owes no refusal either.
    if (
      promise !== undefined &&
      promise.fate !== 'unsupported' &&
      ground.level(promise.requirements) !== undefined
    ) {
      const refused = refusedCheck(field, carrier, promise, ground, kit)
      if (refused !== undefined) checks.push(refused)
    }
  }
  return [...checks, ...ignoredTogether(ground, rows, kit), ...(kit.besideIgnored?.(rows) ?? [])]
}

type Class = Level | 'undocumented' | 'other'

/** The row of each case. What binds, what is told, and what is not documented never share a request. */
export function coverRows<V extends StreamView>(
  cases: ReadonlyMap<string, Case[]>,
  ground: Ground,
  kit: FieldKit<V>,
): Map<Case, Case[]> {
  const classes = new Map<Class, Case[]>()
  const rowOf = new Map<Case, Case[]>()
  // What has no effect excludes nothing. The first values stand together in the question whether they are ignored, too.
  const carriers: Case[] = []
  const ignored: Case[] = []
  for (const [path, list] of cases) {
    const promise = ground.promise.fields[path]
    const level = promise === undefined ? 'undocumented' : (ground.level(promise.requirements) ?? 'other')
    for (const one of list) {
      // What is not supported would take its company with it.
      if (promise?.fate === 'unsupported') rowOf.set(one, [one])
      else if (isIgnored(promise, ground)) (one === list[0] ? carriers : ignored).push(one)
      else {
        const kind = level === 'must' && one.official ? 'may' : level
        classes.set(kind, [...(classes.get(kind) ?? []), one])
      }
    }
  }
  const rows = [...classes.values()].flatMap((list) => cover(list, kit))
  rows.push(...coverFreely(carriers, kit), ...coverFreely(ignored, kit))
  for (const row of rows) for (const one of row) rowOf.set(one, row)
  return rowOf
}
