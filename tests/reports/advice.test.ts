import { describe, expect, test } from 'vitest'
import { renderTerminal } from '../../reports/terminal/render.ts'
import { exchange, RUN, sampleRecord, verdict } from './sample.ts'
import { flat } from './shown.ts'

describe('advice', () => {
  const first = (
    status: number,
    body: string,
    over: object = {},
    url = 'https://gateway.example.test/api',
  ) => {
    const record = sampleRecord([
      verdict('openai-chat/plain/reply', {
        verdict: 'inconclusive',
        message: 'refused',
        exchanges: ['x'],
        ...over,
      }),
    ])
    const head = `HTTP/1.1 ${status} X\r\n\r\n`
    const reads = [{ at: 1, bytes: new Uint8Array(Buffer.from(head + body)) }]
    record.exchanges.set('x', exchange('x', { status, headers: [], reads, end: { kind: 'closed' } }))
    record.run = { ...RUN, target: { ...RUN.target, url } }
    return flat(renderTerminal(record, { color: false, width: 120 }))
  }

  test.each([
    [401, '{}', 'is the key in ASSAY_KEY right for this address'],
    [403, '{}', 'is the key in ASSAY_KEY right for this address'],
    [404, '{"detail":"Not Found"}', 'does the base URL need /v1 (https://gateway.example.test/api/v1)?'],
    [
      404,
      '{"error":{"message":"model not found"}}',
      'does ref-large exist here? Name another by --model NAME',
    ],
    [400, '{"error":{"code":"model_not_found"}}', 'GET https://gateway.example.test/api/models lists them'],
    [200, '<!DOCTYPE html><p>', 'is https://gateway.example.test/api the address of the API?'],
  ])('for %i %s', (status, body, hint) => {
    for (const verdict of ['fail', 'inconclusive']) {
      const text = first(status, body, { verdict })
      expect(text).toContain(hint)
      expect(text.indexOf('Before you blame the gateway')).toBeLessThan(text.indexOf('plain/reply'))
    }
  })

  test('for an address that ends in an endpoint', () => {
    expect(first(404, '{}', {}, 'https://g.test/v1/chat/completions')).toContain('so leave it off')
  })

  test('is not given where the reply passed, or failed for another reason', () => {
    expect(first(401, '{}', { verdict: 'pass' })).not.toContain('Before you blame')
    expect(first(500, '{"error":{"message":"model crashed"}}')).not.toContain('Before you blame')
  })
})
