import { isCredentialName, isOurs } from './header-names.ts'
import { keyFormText } from './key-forms.ts'
import { isMap, listAt, textAt } from './plain.ts'
import type { SpecProblem } from './problem.ts'
import type { KeyForm } from './types.ts'
import type { Path, YamlFile } from './yaml-file.ts'

/**
 * What a dialect's promise says of headers and cannot mean: its headers go with every probe and stand in every record,
 * so none may be a credential, or another one than the version and the key's forms say. `at`: path of the promise.
 */
export function promiseHeaderProblems(file: YamlFile, at: Path, promise: unknown): SpecProblem[] {
  const auth = isMap(promise) ? promise.auth : undefined
  const forms = [auth, ...listAt(auth, 'also')].map(formOf)
  const headers = isMap(promise) && isMap(promise.headers) ? promise.headers : {}
  const found = Object.entries(headers).flatMap(([header, value]) => {
    const path = [...at, 'headers', header]
    const name = nameProblem(header, forms)
    if (name !== undefined) return file.problem(path, name, { atKey: true })
    const wrong = valueProblem(value)
    return wrong === undefined ? [] : file.problem(path, wrong)
  })
  return [...found, ...twoVersions(file, at, promise, headers), ...twice(file, at, forms)]
}

function nameProblem(header: string, forms: readonly (KeyForm | undefined)[]): string | undefined {
  if (forms.some((form) => form?.header === header.toLowerCase()))
    return 'the key goes in this header (auth): with a value here no probe could send another key, or none'
  if (isCredentialName(header))
    return `it is called like a credential, and a profile stands in every record; give it to the run (--header '${header}:$NAME')`
  return isOurs(header) ? 'assay sets it itself' : undefined
}

/** The value is not told: it may be a secret. */
function valueProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  if (value.includes('$key')) return 'the key goes where auth says, and nowhere else'
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return undefined
  return 'its value holds a character that cannot stand in a header, or a space at an end'
}

/** A version header that says another version than the one under test: every probe would ask for the wrong one. */
function twoVersions(
  file: YamlFile,
  at: Path,
  promise: unknown,
  headers: Readonly<Record<string, unknown>>,
): SpecProblem[] {
  const version = textAt(promise, 'version')
  return Object.entries(headers).flatMap(([header, value]) => {
    if (version === undefined || !header.endsWith('-version') || value === version) return []
    const path = [...at, 'headers', header]
    const told = `version is ${version}, but the header ${header} says ${String(value)}`
    return file.problem(file.has(path) ? path : [...at, 'version'], told)
  })
}

/** A form of the key that stands twice: the questions about it would have one name. */
function twice(file: YamlFile, at: Path, forms: readonly (KeyForm | undefined)[]): SpecProblem[] {
  const texts = forms.map((form) => (form === undefined ? undefined : keyFormText(form, 'KEY').toLowerCase()))
  return texts.flatMap((text, index) =>
    text === undefined || texts.indexOf(text) === index
      ? []
      : file.problem(
          [...at, 'auth', 'also', index - 1],
          `the form ${keyFormText(forms[index]!, 'KEY')} stands twice`,
        ),
  )
}

function formOf(value: unknown): KeyForm | undefined {
  const header = textAt(value, 'header')
  const scheme = textAt(value, 'scheme')
  if (header === undefined) return undefined
  return scheme === undefined ? { header } : { header, scheme }
}
