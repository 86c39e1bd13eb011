import type { Ground, Outcome } from '../core/check.ts'
import { type Check, type Conversation, finding } from '../core/check.ts'
import type { Probe } from '../core/probe.ts'
import type { FieldSpec } from '../core/schema.ts'
import type { StreamView } from '../core/stream-view.ts'
import { silentOrBroken } from '../requests/clean.ts'
import { refusedOr429, seen } from './effect.ts'
import { idOf, plainOf } from './ids.ts'
import { type IgnoredRows, inside, VALID } from './ignored-rows.ts'
import type { FieldKit } from './kit.ts'

/** Whatever an ignored field holds, the request is answered as if it were not there. */
export function ignoredCheck<V extends StreamView>(
  { path }: FieldSpec,
  rows: IgnoredRows,
  ground: Ground,
  kit: FieldKit<V>,
): Check<V> {
  const { dialect } = kit
  const values = rows.values.get(path)!
  const { needs } = values.get(VALID)!
  return {
    id: idOf(dialect, path, 'ignored'),
    title: `A request is answered as if ${path} were not there, whatever stands in it`,
    requirements: ground.promise.fields[path]!.requirements,
    fix: `Take ${path} out before the request goes on; check nothing in it.`,
    expects: 'any',
    needs: [plainOf(dialect), ...[path, ...needs].map((need) => idOf(dialect, need, 'accepted'))],
    field: path,
    ask: Object.fromEntries([...values].map(([name, one]) => [name, rows.steps(one)])),
    *judge(asked) {
      let told = false
      for (const name of values.keys()) {
        const outcome = deviation(asked[name]!, name)
        if (outcome === undefined) continue
        told = true
        yield outcome
      }
      const [plain] = asked[VALID]!.turns
      if (!told) yield seen('accepted', plain!.statusPlace, `${values.size - 1} odd values have no effect`)
    },
  }

  function deviation({ turns }: Conversation<V>, name: string): Outcome | undefined {
    const [first, whole, alone] = turns
    const plain = first!.answered ? first! : alone
    const view = turns.at(-1)!
    for (const one of [first!, whole!, plain, view]) if (one?.status === 429) return refusedOr429(one)
    if (plain === undefined || !plain.answered)
      return { inconclusive: 'the request without the field was not answered' }
    const broken = silentOrBroken(view, `${path}: ${name}: status 200`)
    if (broken !== undefined) return broken
    if (!view.answered) {
      const outcome = refusedOr429(view)
      return 'got' in outcome ? { ...outcome, got: `${name}: ${outcome.got}` } : outcome
    }
    const difference = kit.sameShape(plain, view)
    // A right value may have the effect that it has elsewhere; what a wrong one does is no effect of the field.
    if (difference === undefined) return undefined
    return seen(name === VALID ? 'honoured' : 'altered', view, `${name}: ${difference}`)
  }
}

/** All fields that are documented as ignored in one request, as far as they fit: with right values, and with odd ones. */
export function ignoredTogether<V extends StreamView>(
  ground: Ground,
  rows: IgnoredRows,
  kit: FieldKit<V>,
): Check<V>[] {
  const { dialect } = kit
  const { held } = rows
  if (held.length < 2 || kit.requirements.ignoredTogether.length === 0) return []
  const paths = held.map(({ path }) => path)
  // An odd value in each field that holds no other one of them.
  const odd = paths
    .filter((path) => !paths.some((other) => inside(other, path)))
    .flatMap((path) => [...rows.values.get(path)!.values()].slice(1, 2))
  const contradiction = paths.map((path) => ground.promise.fields[path]?.contradiction).find(Boolean)
  const check = (name: string, probe: Probe): Check<V> => ({
    id: `${dialect}/field/ignored-together/${name}`,
    title: `A request that holds every ignored field at once, with ${name} values, is answered as if it held none`,
    requirements: kit.requirements.ignoredTogether,
    fix: `Take out before the request goes on: ${paths.join(', ')}.`,
    expects: 'any',
    needs: [
      plainOf(dialect),
      // What one of them alone does is told by its own questions: here is what their company adds.
      ...new Set(
        held.flatMap(({ path, needs }) => [path, ...needs].map((one) => idOf(dialect, one, 'accepted'))),
      ),
    ],
    ask: { without: [rows.request([])], all: [probe] },
    *judge({ without: plain, all }) {
      const wanted = `status 200 with ${paths.join(', ')}`
      const broken = silentOrBroken(all!, wanted)
      if (broken !== undefined) yield broken
      else if (all!.status === 429) yield { inconclusive: 'the gateway answered 429 to every try' }
      else if (!all!.answered) {
        const got = `status ${all!.status}: ${all!.text.slice(0, 160)}`
        yield finding(all!.statusPlace, wanted, got, contradiction === undefined ? {} : { contradiction })
      } else if (!plain!.answered) yield { inconclusive: 'the request without the fields was not answered' }
      else {
        const difference = kit.sameShape(plain!, all!)
        if (difference !== undefined)
          yield finding(
            all!,
            'the same shape as without them',
            difference,
            name === VALID ? { by: 'should' } : {},
          )
      }
    },
  })
  return [check(VALID, rows.request(held)), check('odd', rows.request(odd))]
}
