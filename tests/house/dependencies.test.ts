import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Package {
  license?: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  packages: Record<string, Package>
}

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const json = (file: string): Package => JSON.parse(read(file))

const here = json('package.json')
const lock = json('package-lock.json')
const [shipped = '', clone = ''] = read('docs/dependencies.md').split('## Only in a clone')

/** Rows of a Markdown table whose first cell is a package: its name and its licence. */
const rows = (text: string) =>
  [...text.matchAll(/^\| `([^`]+)` +\| ([^|]+?) +\|/gm)].map(([, name = '', licence = '']) => ({
    name,
    licence,
  }))

describe('docs/dependencies.md', () => {
  it('has a row for each dependency, and no other, in the right table', () => {
    expect(rows(shipped).map(({ name }) => name)).toEqual(Object.keys(here.dependencies ?? {}).sort())
    expect(rows(clone).map(({ name }) => name)).toEqual(Object.keys(here.devDependencies ?? {}).sort())
  })

  it.each(rows(shipped + clone))('gives the licence that $name has: $licence', ({ name, licence }) => {
    expect(lock.packages[`node_modules/${name}`]?.license).toBe(licence)
  })
})

describe('package.json', () => {
  it('pins every dependency exactly', () => {
    const pin = json('tools/node-pin/package.json')
    const ranges = [here.dependencies, here.devDependencies, pin.optionalDependencies].flatMap((part) =>
      Object.entries(part ?? {}),
    )
    expect(ranges.filter(([, range]) => !/^(?:npm:.+@)?\d+\.\d+\.\d+$/.test(range))).toEqual([])
    expect(ranges.length).toBeGreaterThan(20)
  })
})

describe('package-lock.json', () => {
  it('knows the optional packages of every platform: npm ci refuses one that does not', () => {
    const missing = Object.entries(lock.packages).flatMap(([at, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          !(`node_modules/${name}` in lock.packages) && !(`${at}/node_modules/${name}` in lock.packages),
      ),
    )
    expect(missing).toEqual([])
  })
})
