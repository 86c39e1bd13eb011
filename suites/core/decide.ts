import type { FieldFate, Finding, Level, Place, VerdictWord } from '../../reports/record/types.ts'
import type { Contradiction, DocumentedFate, FieldPromise, Profile, Refusal } from '../../specs/types.ts'

/** All that a verdict depends on, beside what the judges saw. */
export interface Standing {
  level: Level
  profile: Profile
  contradictions: ReadonlyMap<string, Contradiction>
  /** Level of one requirement on this profile and model; undefined: the profile does not hold it. */
  levelOf(requirement: string): Level | undefined
}

export interface Decision {
  verdict: VerdictWord
  message: string
}

type Weight = 'fail' | 'warn' | 'none'

/** The only place that makes a verdict of findings. */
export function decide(findings: Finding[], standing: Standing, inconclusive?: string): Decision {
  let worst: Weight = 'none'
  let about: Finding | undefined
  for (const found of findings) {
    const weight = weigh(found, standing)
    if (weight === 'fail' && worst !== 'fail') [worst, about] = ['fail', found]
    else if (weight === 'warn' && worst === 'none') [worst, about] = ['warn', found]
  }
  if (worst === 'fail') return { verdict: 'fail', message: sentence(about!) }
  if (inconclusive !== undefined) return { verdict: 'inconclusive', message: inconclusive }
  if (worst === 'warn') return { verdict: 'warn', message: sentence(about!) }
  return { verdict: 'pass', message: '' }
}

/** What one finding weighs: by whose word it is a deviation, and whether the profile undertakes to heed that word. */
export function weigh(found: Finding, standing: Standing): Weight {
  if (found.by === 'observe') return 'none'
  if (found.by === 'should') return 'warn'
  const named =
    found.contradiction === undefined ? undefined : standing.contradictions.get(found.contradiction)
  if (found.atMost === 'warn') return named?.verdict === 'pass' ? 'none' : 'warn'
  if (named?.verdict !== undefined) return named.verdict === 'pass' ? 'none' : named.verdict
  if (found.by !== 'documented') return standing.profile.claims.includes(found.by) ? 'fail' : 'warn'
  const level =
    found.requirement === undefined ? standing.level : (standing.levelOf(found.requirement) ?? 'may')
  return level === 'must' ? 'fail' : 'warn'
}

function sentence(found: Finding): string {
  return `expected ${found.expected}; got ${found.got}`
}

type Ruling = 'pass' | 'fail' | 'warn' | 'observe'

/** DESIGN's fate table: what was documented (rows) against what was seen (columns). */
const FATES: Record<DocumentedFate | 'undocumented', Record<'honoured' | 'ignored' | 'altered', Ruling>> = {
  honoured: { honoured: 'pass', ignored: 'fail', altered: 'fail' },
  ignored: { honoured: 'warn', ignored: 'pass', altered: 'fail' },
  unsupported: { honoured: 'warn', ignored: 'warn', altered: 'fail' },
  partial: { honoured: 'pass', ignored: 'warn', altered: 'warn' },
  undocumented: { honoured: 'observe', ignored: 'observe', altered: 'warn' },
}

/**
 * What an observed fate means where `promise` (undefined: the field is not documented) was made. Acceptance with an
 * effect that nobody can see is `accepted`: it passes where a field is promised, and is counted apart.
 */
export function rule(
  promise: FieldPromise | undefined,
  observed: FieldFate['observed'],
  status: number,
): Ruling {
  const documented = promise?.fate ?? 'undocumented'
  if (observed === 'inconclusive') return 'observe'
  if (observed === 'unobservable' || observed === 'accepted') {
    if (documented === 'unsupported') return promise?.refusal === 'stated' ? 'fail' : 'warn'
    return documented === 'undocumented' ? 'observe' : 'pass'
  }
  if (observed === 'refused') {
    if (status >= 500) return 'fail'
    if (documented === 'honoured' || documented === 'ignored') return 'fail'
    if (documented === 'partial') return 'warn'
    return documented === 'unsupported' ? 'pass' : 'observe'
  }
  if (documented === 'unsupported' && observed === 'ignored' && promise?.refusal === 'stated') return 'fail'
  return FATES[documented][observed]
}

/** The finding that an observed fate amounts to; undefined where it is as documented. */
export function fateFinding(
  seen: { fate: FieldFate['observed']; status: number; at: Place; got: string },
  path: string,
  promise: FieldPromise | undefined,
): Omit<Finding, 'id'> | undefined {
  const ruling = rule(promise, seen.fate, seen.status)
  if (ruling === 'pass') return undefined
  const by = ruling === 'fail' ? 'documented' : ruling === 'warn' ? 'should' : 'observe'
  const expected =
    promise === undefined ? `${path} is not documented` : `${path} is ${FATE_WORDS[promise.fate]}`
  // The table's one cell that documents can disagree on: a refusal (never a 5xx) of what is said to be ignored.
  const disputed = promise?.fate === 'ignored' && seen.fate === 'refused' && seen.status < 500
  return {
    by,
    ...(disputed && promise.contradiction !== undefined ? { contradiction: promise.contradiction } : {}),
    expected,
    got: `${seen.fate}: ${seen.got}`,
    at: seen.at,
  }
}

const FATE_WORDS: Record<DocumentedFate, string> = {
  honoured: 'honoured',
  ignored: 'accepted and without effect',
  unsupported: 'not supported',
  partial: 'supported in part',
}

/**
 * What accepting a value that the schema forbids means: a failure only where a source says that it is refused, a warning
 * where the official specification forbids it and does not say what becomes of it.
 */
export function acceptedBadValue(refusal: Refusal): Pick<Finding, 'by' | 'atMost'> {
  if (refusal === 'stated') return { by: 'documented' }
  return refusal === 'official' ? { by: 'official', atMost: 'warn' } : { by: 'observe' }
}
