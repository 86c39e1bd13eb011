import type { DialectPromise, KeyForm } from './types.ts'

/** Every form in which a dialect takes the key, the usual one first. */
export function keyForms({ header, scheme, also = [] }: DialectPromise['auth']): KeyForm[] {
  return [scheme === undefined ? { header } : { header, scheme }, ...also]
}

/** Names of the headers that carry the key, lower case, each once. */
export function keyHeaders(auth: DialectPromise['auth']): string[] {
  return [...new Set(keyForms(auth).map(({ header }) => header.toLowerCase()))]
}

/** `authorization: Bearer KEY`, `x-api-key: KEY`. `key`: what stands for the key. */
export function keyFormText({ header, scheme }: KeyForm, key: string): string {
  return `${header}: ${scheme === undefined ? key : `${scheme} ${key}`}`
}
