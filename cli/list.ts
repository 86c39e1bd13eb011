import { dialectOf, dialectText } from '../reports/dialects.ts'
import { wrap } from '../reports/terminal/columns.ts'
import { safeText } from '../reports/terminal/safe-text.ts'
import { coverage } from '../specs/coverage.ts'
import { holds, levelOf } from '../specs/level.ts'
import type { Profile, Specs } from '../specs/types.ts'
import { capabilitiesOf } from '../suites/core/select.ts'
import { dialects } from '../suites/dialects.ts'
import { boundBy, type Subject, subjectsOf } from './bound.ts'
import { type CoverageLine, coverageTable } from './coverage-table.ts'
import { EXIT } from './exit.ts'
import { pageWidth } from './explain-page.ts'
import { openFaults, openLoadFaults } from './open-faults.ts'
import { openProfile } from './open-specs.ts'
import { say } from './speak.ts'
import { unknownWord } from './unknown.ts'
import { UsageError } from './usage.ts'

interface ListFlags {
  profile?: string
  coverage?: boolean
  json?: boolean
}

/** A list for people (`text`) and for machines (`rows`). */
interface Listing {
  rows: unknown[]
  text: string[]
  exit?: number
}

const KINDS: Record<string, (flags: ListFlags) => Listing | Promise<Listing>> = {
  checks: (flags) => listSubjects('check', flags),
  rules: (flags) => listSubjects('rule', flags),
  requirements: (flags) => (flags.coverage ? listCoverage(flags) : listRequirements(flags)),
  profiles: listProfiles,
  faults: listFaults,
  load: listLoad,
}

/** `assay list WHAT`. */
export async function list(what: string, flags: ListFlags): Promise<number> {
  const kind = Object.hasOwn(KINDS, what) ? KINDS[what] : undefined
  if (kind === undefined) throw new UsageError(unknownWord('list', what, Object.keys(KINDS)))
  if (flags.coverage && what !== 'requirements')
    throw new UsageError('--coverage goes with list requirements')
  const { rows, text, exit } = await kind(flags)
  say(flags.json ? JSON.stringify(rows, null, 2) : text.join('\n'))
  return exit ?? EXIT.ok
}

function listSubjects(kind: 'check' | 'rule', flags: ListFlags): Listing {
  const { specs, profile } = openProfile(flags.profile)
  const rows = subjectsOf(dialects, profile, specs)
    .filter((one) => one.kind === kind)
    .flatMap((one) => {
      const level = levelIn(one, profile, specs)
      return level === undefined ? [] : [{ ...one.subject, level }]
    })
    .map(({ id, title, requirements, level }) => ({ id, level, title, requirements }))
  const text = rows.map(({ id, level, title }) => `${id}  ${level}\n    ${title}`)
  const groups = Map.groupBy(rows, dialectOf)
  const each = [...groups].map(([dialect, group]) => `${dialect}: ${group.length}`)
  const parts = groups.size > 1 ? ` (${each.join(', ')})` : ''
  return { rows, text: [...text, `\n${rows.length} ${kind}s apply to profile ${profile.id}${parts}`] }
}

/** Level of a check or rule on the profile's default model; a rule of a tier applies everywhere. */
function levelIn({ kind, subject }: Subject, profile: Profile, specs: Specs): 'must' | 'may' | undefined {
  const capabilities = capabilitiesOf(profile, profile.default_model)
  const level = levelOf(subject.requirements, profile, specs.requirements, capabilities)
  return level ?? (kind === 'rule' && subject.tier !== undefined ? 'may' : undefined)
}

function listRequirements(flags: ListFlags): Listing {
  const { specs, profile } = openProfile(flags.profile)
  const rows = [...specs.requirements.values()].filter((row) => holds(profile, row))
  const text = rows.map((row) => `${row.id}  ${row.level}  (${row.source.join(', ')})\n    ${row.text}`)
  return { rows, text: [...text, `\n${rows.length} requirements bind profile ${profile.id}`] }
}

function listCoverage(flags: ListFlags): Listing {
  const { specs, profile: first } = openProfile(flags.profile)
  const profiles = flags.profile === undefined ? [...specs.profiles.values()] : [first]
  const rows: unknown[] = []
  const text: string[] = []
  let gaps = 0
  for (const profile of profiles) {
    const table: CoverageLine[] = []
    const notes: string[] = []
    const found = coverage(specs, profile, boundBy(subjectsOf(dialects, profile, specs)))
    for (const { requirement, checks, untestable } of found.rows) {
      const answer = checks.length > 0 ? checks : untestable === undefined ? 'nothing' : { untestable }
      rows.push({ profile: profile.id, requirement: requirement.id, level: requirement.level, answer })
      const told = untestable === undefined ? 'NOTHING ANSWERS IT' : `untestable: ${untestable}`
      table.push({
        requirement: requirement.id,
        level: requirement.level,
        answer: checks.length > 0 ? checks : told,
      })
    }
    for (const { requirement, checks, nearest } of found.unknown) {
      const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`
      notes.push(`unknown requirement ${requirement}${hint}, named by ${checks.join(', ')}`)
      rows.push({ profile: profile.id, requirement, unknown: true, checks })
    }
    for (const id of found.overclaimed) notes.push(`${id} is called untestable, and a check answers it`)
    const { length } = found.unbound
    const open = length + found.unknown.length + found.overclaimed.length
    gaps += open
    text.push(
      `profile ${profile.id}\n`,
      ...coverageTable(table, pageWidth()),
      ...notes.flatMap((note) => wrap(note, pageWidth())),
      `\n${profile.id}: ${found.rows.length} requirements, ${found.rows.length - length} bound or untestable with a reason, ${open} to be mended; --json has every id\n`,
    )
  }
  return { rows, text, exit: gaps > 0 ? EXIT.fail : EXIT.ok }
}

function listProfiles(flags: ListFlags): Listing {
  const { specs, profile: own } = openProfile(flags.profile)
  const rows = [...specs.profiles.values()]
    .filter((profile) => flags.profile === undefined || profile.id === own.id)
    .map((profile) => ({
      id: profile.id,
      title: profile.title,
      dialects: Object.keys(profile.dialects),
      versions: Object.fromEntries(
        Object.entries(profile.dialects).flatMap(([id, { version }]) =>
          version === undefined ? [] : [[id, version]],
        ),
      ),
      default_model: profile.default_model,
      claims: profile.claims,
      requirements: [...specs.requirements.values()].filter((row) => holds(profile, row)).length,
    }))
  const text = rows.map(
    (row) =>
      `${row.id}  ${safeText(row.title)}\n    ${row.dialects.map((id) => dialectText(id, row.versions[id])).join(', ')} · model ${row.default_model} · ${row.requirements} requirements · claims ${row.claims.join(', ') || 'no tier'}`,
  )
  return { rows, text }
}

/** The questions of load runs. They are the same for every profile. */
async function listLoad(): Promise<Listing> {
  const { loadVerdicts } = await import('./load/verdicts.ts')
  const rows = loadVerdicts().map(({ id, level, title, by }) => ({ id, level, title, by }))
  const text = rows.map(({ id, level, title }) => `${id}  ${level}\n    ${title}`)
  return { rows, text: [...text, `\n${rows.length} questions of load runs`] }
}

async function listFaults(flags: ListFlags): Promise<Listing> {
  const only = flags.profile === undefined ? undefined : openProfile(flags.profile).profile.id
  const rows = (await openFaults())
    .filter((fault) => only === undefined || fault.profile === only)
    .map(({ twist: _, ...facts }) => facts)
  const text = rows.map(
    ({ id, title, profile, hazard, must }) =>
      `${id}  ${hazard ? 'hazard' : 'fault'} of ${profile}\n    ${title}\n    turns ${hazard ? 'yellow' : 'red'}: ${must.join(', ')}`,
  )
  const underLoad = (only === undefined ? await openLoadFaults() : []).map(({ twist: _, ...facts }) => facts)
  const loadText = underLoad.map(
    ({ id, title, scenario, must }) =>
      `${id}  fault under load: assay load ${scenario}\n    ${title}\n    turns red: ${must.join(', ')}`,
  )
  const all = [...rows, ...underLoad]
  return { rows: all, text: [...text, ...loadText, `\n${all.length} faults`] }
}
