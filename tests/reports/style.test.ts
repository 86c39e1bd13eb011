import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { wantsColor } from '../../reports/terminal/style.ts'
import { sampleRecord } from './sample.ts'

describe('colour', () => {
  test('adds to the text and tells nothing by itself', () => {
    for (const width of [60, 80, 133]) {
      const coloured = renderTerminal(sampleRecord(), { color: true, width })
      expect(coloured).toContain('\u001b[')
      expect(stripVTControlCharacters(coloured)).toBe(renderTerminal(sampleRecord(), { color: false, width }))
    }
  })

  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '', NO_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
  ])('terminal %s, environment %o: %s', (isTTY, env, wanted) => {
    expect(wantsColor({ isTTY }, env)).toBe(wanted)
  })
})
