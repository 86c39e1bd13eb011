import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { recordLines } from './assay.ts'

/** Obvious fakes that must never show up anywhere: a key, and a secret header of the user. */
export const KEY = 'sk-canary/5f1d0c7b+9a3e=='
export const OTHER = 'canary-header-77c2e1'
/** The ways in which they might: as they are, in a URL, in JSON, as part of a base64 text. */
const FORMS = [KEY, OTHER].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
  Buffer.from(secret).toString('base64').slice(4, -4),
  Buffer.from(secret).toString('base64url').slice(4, -4),
])

/** An exchange as it stands in a line of the record. */
export interface Packed {
  status: number
  headers: [string, string][]
  reads: { base64: string }
  leaks: { part: string; index?: number; offset: number; length: number }[]
  earlier?: Packed[]
}

export const bytesOf = (exchange: Packed): string =>
  Buffer.from(exchange.reads.base64, 'base64').toString('latin1')

/** The exchanges of a record, answers before a retry among them. */
export function exchanges(dir: string): Packed[] {
  return recordLines(dir).flatMap((line) => {
    const exchange = line.exchange as Packed | undefined
    return exchange === undefined ? [] : [...(exchange.earlier ?? []), exchange]
  })
}

/** Everything below a directory as text, and the bodies that stand in it as base64. */
export function written(dir: string): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(2)
  return [
    ...files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1')),
    ...exchanges(dir).map(bytesOf),
  ]
}

export function expectNoKey(texts: string[]): void {
  for (const text of texts) for (const form of FORMS) expect(text.includes(form)).toBe(false)
}
