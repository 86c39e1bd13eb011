import { dialectText } from '../reports/dialects.ts'
import { keyForms, keyFormText } from '../specs/key-forms.ts'
import { holds } from '../specs/level.ts'
import type { FieldPromise, Profile, Specs } from '../specs/types.ts'
import { dialects } from '../suites/dialects.ts'
import { subjectsOf } from './bound.ts'
import { labelled, page } from './explain-page.ts'
import { shellWord } from './shell-word.ts'

export function explainProfile(id: string, specs: Specs): string | undefined {
  const profile = specs.profiles.get(id)
  if (profile === undefined) return undefined
  const rows = [...specs.requirements.values()].filter((row) => holds(profile, row))
  return page(`${id} (profile)`, profile.title, [
    ...labelled('documents', profile.documents.join(', ')),
    ...Object.entries(profile.dialects).flatMap(([dialect, promise]) => [
      ...labelled('dialect', `${dialectText(dialect, promise.version)}, POST ${promise.path}`),
      ...labelled(
        'base URLs',
        promise.base_urls.map(({ url, region }) => (region === undefined ? url : `${url} (${region})`)),
      ),
      ...labelled(
        'key',
        keyForms(promise.auth).map((form, i) => `${i === 0 ? '' : 'also '}${keyFormText(form, 'KEY')}`),
      ),
      ...labelled(
        'headers',
        Object.entries(promise.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      ),
      ...labelled('fields', fieldsByFate(promise.fields)),
    ]),
    ...labelled(
      'models',
      profile.models.map((model) => `${model.id}: ${model.capabilities.join(', ') || 'no capability'}`),
    ),
    ...labelled('claims', profile.claims.join(', ') || 'no tier beyond its documents'),
    ...labelled('requirements', `${rows.length} (assay list requirements --profile ${id})`),
    ...labelled('to check it', `assay run --profile ${id} --plan`),
  ])
}

function fieldsByFate(fields: Record<string, FieldPromise>): string[] {
  const groups = Map.groupBy(Object.entries(fields), ([, promise]) => promise.fate)
  return [...groups].map(([fate, group]) => `${fate}: ${group.map(([path]) => path).join(', ')}`)
}

/** What is documented about a request field, profile by profile, and the checks about it. */
export function explainField(path: string, profiles: readonly Profile[], specs: Specs): string | undefined {
  const parts: string[] = []
  const ids = new Set<string>()
  for (const profile of profiles) {
    for (const [dialect, promise] of Object.entries(profile.dialects)) {
      const field = promise.fields[path]
      if (field === undefined) continue
      parts.push(...labelled(profile.id, `${dialect}: ${promiseText(field)}`))
      for (const id of field.requirements) {
        const row = specs.requirements.get(id)
        if (row !== undefined) parts.push(...labelled('', `${id}: ${row.text} (${row.source.join(', ')})`))
      }
    }
    for (const one of subjectsOf(dialects, profile, specs)) {
      if (one.kind === 'check' && one.subject.field === path) ids.add(one.subject.id)
    }
  }
  if (parts.length === 0 && ids.size === 0) return undefined
  return page(`${path} (request field)`, '', [
    ...(parts.length > 0 ? parts : labelled('documented', 'by no profile')),
    ...labelled('checked by', [...ids]),
    ...labelled(
      'only this',
      [...ids].slice(0, 1).map((id) => `assay run --check ${shellWord(id)}`),
    ),
  ])
}

function promiseText(field: FieldPromise): string {
  const { fate, minimum, maximum, values, refusal, capability } = field
  const range =
    minimum === undefined && maximum === undefined ? '' : `, ${minimum ?? '…'} to ${maximum ?? '…'}`
  return (
    fate +
    range +
    (values === undefined ? '' : `, one of ${values.map((value) => JSON.stringify(value)).join(', ')}`) +
    (refusal === undefined ? '' : `, refusal of other values ${refusal}`) +
    (capability === undefined ? '' : `, models with ${capability}`)
  )
}
