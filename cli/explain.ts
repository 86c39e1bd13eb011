import type { Fault } from '../fixtures/faults/faults.ts'
import type { LoadFault } from '../fixtures/faults/under-load.ts'
import { holds, levelOf } from '../specs/level.ts'
import type { Profile, Requirement, Specs } from '../specs/types.ts'
import { capabilitiesOf } from '../suites/core/select.ts'
import { dialects } from '../suites/dialects.ts'
import { boundBy, type Subject, subjectsOf } from './bound.ts'
import { EXIT } from './exit.ts'
import { labelled, page } from './explain-page.ts'
import { explainField, explainProfile } from './explain-profile.ts'
import { explainLoad, loadVerdicts } from './load/verdicts.ts'
import { openFaults, openLoadFaults } from './open-faults.ts'
import { newestFirst, openProfile } from './open-specs.ts'
import { askedText } from './probe-text.ts'
import { shellWord } from './shell-word.ts'
import { say } from './speak.ts'
import { unknownWord } from './unknown.ts'
import { UsageError } from './usage.ts'

/** What an id can be looked up in. */
interface Library {
  specs: Specs
  /** Profiles in the order of looking: the named one alone, or the default one first. */
  profiles: Profile[]
  faults: Fault[]
  loadFaults: LoadFault[]
  /** The name of the profile as it was given: for one's own, a file. */
  given: string
}

/** `assay explain ID`: a check, rule, question of load runs, requirement, contradiction, fault, profile or request field. */
export async function explain(id: string, flags: { profile?: string }): Promise<number> {
  const { specs, profile } = openProfile(flags.profile)
  const others = newestFirst(specs.profiles.values()).filter((other) => other.id !== profile.id)
  const profiles = flags.profile === undefined ? [profile, ...others] : [profile]
  const library = {
    specs,
    profiles,
    faults: await openFaults(),
    loadFaults: await openLoadFaults(),
    given: flags.profile ?? profile.id,
  }
  const text =
    explainSubject(id, library) ??
    explainLoad(id) ??
    explainRequirement(id, library) ??
    explainContradiction(id, library) ??
    explainFault(id, library) ??
    explainLoadFault(id, library) ??
    explainProfile(id, specs) ??
    explainField(id, library.profiles, specs)
  if (text === undefined) throw new UsageError(unknownWord('id', id, allIds(library)))
  say(text)
  return EXIT.ok
}

function allIds({ specs, profiles, faults, loadFaults }: Library): Set<string> {
  return new Set([
    ...profiles.flatMap((profile) => subjectsOf(dialects, profile, specs).map(({ subject }) => subject.id)),
    ...specs.requirements.keys(),
    ...specs.contradictions.keys(),
    ...faults.map((fault) => fault.id),
    ...loadFaults.map((fault) => fault.id),
    ...loadVerdicts().map((verdict) => verdict.id),
    ...specs.profiles.keys(),
    ...profiles.flatMap((profile) =>
      Object.values(profile.dialects).flatMap((promise) => Object.keys(promise.fields)),
    ),
  ])
}

function explainSubject(id: string, { specs, profiles, faults, given }: Library): string | undefined {
  for (const profile of profiles) {
    const found = subjectsOf(dialects, profile, specs).find(({ subject }) => subject.id === id)
    if (found === undefined) continue
    const { subject } = found
    const capabilities = capabilitiesOf(profile, profile.default_model)
    const level = levelOf(subject.requirements, profile, specs.requirements, capabilities)
    const red = faults.filter((fault) => fault.must.includes(id)).map((fault) => fault.id)
    return page(`${id} (${found.kind})`, subject.title, [
      ...labelled('level', levelText(found, level, profile)),
      ...words(subject.requirements, specs, profile),
      ...asked(found, profile),
      ...labelled('how to mend it', subject.fix),
      ...labelled('red by', red.length === 0 ? [] : [`${red.join(', ')} (assay explain FAULT)`]),
      ...labelled('only this', [
        `assay run --profile ${shellWord(profile.id === specs.own ? given : profile.id)} --check ${shellWord(id)}`,
        'with the --url or --config of your run; without one it asks the reference gateway',
      ]),
    ])
  }
  return undefined
}

function levelText(found: Subject, level: string | undefined, profile: Profile): string {
  if (level !== undefined) return `${level} on profile ${profile.id}`
  const tier = found.kind === 'rule' ? found.subject.tier : undefined
  if (tier === undefined) return `profile ${profile.id} holds none of its requirements: it is not asked`
  return profile.claims.includes(tier)
    ? `the profile claims the tier ${tier}: a deviation fails`
    : `tier ${tier}, which profile ${profile.id} does not claim: a deviation warns`
}

/** The requirements of a check, those that the profile holds first and in full. */
function words(ids: readonly string[], specs: Specs, profile: Profile): string[] {
  const rows = ids.flatMap((id) => specs.requirements.get(id) ?? [])
  const held = rows.filter((row) => holds(profile, row))
  const rest = ids.filter((id) => !held.some((row) => row.id === id))
  return [
    ...labelled('by whose word', held.flatMap(requirementText)),
    ...labelled('elsewhere by', rest.length === 0 ? [] : [rest.join(', ')]),
  ]
}

function requirementText(row: Requirement): string[] {
  return [`${row.id} (${row.level}): ${row.text}`, `  source: ${row.source.join(', ')}`]
}

function asked(found: Subject, profile: Profile): string[] {
  if (found.kind === 'rule') return labelled('is asked', 'nothing: it judges every exchange of the run')
  const { dialect, subject } = found
  return [
    ...labelled('is asked', askedText(subject, dialect.id, profile)),
    ...labelled(
      'of two dialects',
      subject.also === undefined ? '' : `${dialect.id}, ${subject.also.join(', ')}`,
    ),
  ]
}

function explainRequirement(id: string, { specs, profiles }: Library): string | undefined {
  const row = specs.requirements.get(id)
  if (row === undefined) return undefined
  const holding = [...specs.profiles.values()].filter((profile) => holds(profile, row))
  const answers = new Set(
    [...profiles, ...holding].flatMap(
      (profile) => boundBy(subjectsOf(dialects, profile, specs)).get(id) ?? [],
    ),
  )
  const documents = new Set(row.source.map((source) => source.split(/[:@ ]/)[0] ?? ''))
  return page(`${id} (requirement)`, row.text, [
    ...labelled('level', row.level + (row.capability === undefined ? '' : `: models with ${row.capability}`)),
    ...labelled('source', row.source),
    ...labelled(
      'document',
      [...documents].flatMap((name) => specs.documents.get(name)?.title ?? []),
    ),
    ...labelled('binds', holding.map((profile) => profile.id).join(', ') || 'no profile that assay has'),
    ...labelled('refusal', row.refusal === undefined ? [] : [row.refusal]),
    ...labelled('contradictions', (row.contradictions ?? []).join(', ')),
    ...labelled('answered by', [...answers]),
    ...labelled('untestable', row.untestable ?? ''),
  ])
}

function explainContradiction(id: string, { specs }: Library): string | undefined {
  const row = specs.contradictions.get(id)
  if (row === undefined) return undefined
  const touched = [...specs.requirements.values()].filter((one) => one.contradictions?.includes(id))
  return page(`${id} (contradiction)`, row.title, [
    ...labelled('it says', row.says),
    ...labelled('against', row.against),
    ...labelled('assay', row.treat),
    ...labelled('verdict', row.verdict ?? 'none: the row only explains'),
    ...labelled('touches', touched.map((one) => one.id).join(', ')),
  ])
}

function explainLoadFault(id: string, { loadFaults }: Library): string | undefined {
  const fault = loadFaults.find((one) => one.id === id)
  if (fault === undefined) return undefined
  return page(`${id} (fault under load)`, fault.title, [
    ...labelled('turns red', fault.must),
    ...labelled('and perhaps', fault.may),
    ...labelled('to see it', [
      `assay serve --fault ${id}`,
      `then assay load ${fault.scenario} with the --url that it prints`,
    ]),
  ])
}

function explainFault(id: string, { faults }: Library): string | undefined {
  const fault = faults.find((one) => one.id === id)
  if (fault === undefined) return undefined
  const { title, profile, hazard, must, may, catalogue, sources = [] } = fault
  return page(`${id} (${hazard ? 'hazard' : 'fault'})`, title, [
    ...labelled('profile', profile),
    ...labelled(hazard ? 'warns' : 'turns red', must),
    ...labelled('and perhaps', may),
    ...labelled('really shipped', catalogue === undefined ? [] : [catalogue, ...sources]),
    ...labelled('to see it', `assay serve --fault ${id}`),
  ])
}
