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

  test('for a key that was refused: where it went, where it could go, and what the gateway says', () => {
    const said = `no key \u001b[31m${'x'.repeat(300)}`
    const record = sampleRecord([
      verdict('anthropic-messages/plain/reply', { verdict: 'inconclusive', exchanges: ['x'] }),
    ])
    const body = JSON.stringify({ type: 'error', error: { type: 'authentication_error', message: said } })
    const reads = [{ at: 1, bytes: new Uint8Array(Buffer.from(`HTTP/1.1 401 X\r\n\r\n${body}`)) }]
    const sent = exchange('x', { status: 401, headers: [], reads, end: { kind: 'closed' } })
    sent.request.headers = [['Authorization', 'Bearer ***']]
    record.exchanges.set('x', sent)
    const auth = { header: 'authorization', scheme: 'Bearer', also: [{ header: 'x-api-key' }] }
    record.run = {
      ...RUN,
      target: { ...RUN.target, dialects: ['anthropic-messages'] },
      profile: { id: 'mine', dialects: { 'anthropic-messages': { path: '/v1/messages', auth } } },
    }
    const sentFirst = (dialect: string, header: string) => [`${dialect} by ${header}`]
    const text = flat(renderTerminal(record, { color: false, width: 120, sentFirst }))
    expect(text).toContain('It was sent in Authorization: Bearer.')
    expect(text).toContain('The documents have x-api-key too')
    expect(text).toContain('--profile anthropic-messages by x-api-key sends it so')
    expect(text).toContain('dialects.anthropic-messages.auth: { header: x-api-key }')
    expect(text).toMatch(/The gateway says: no key \\u001b\[31mx+( x+)?…/)
    expect(text).not.toContain('x'.repeat(160))
    // A profile with one form has no other to tell of, and what was not sent is not claimed.
    const plain = first(401, 'go away')
    expect(plain).toContain('It was sent without a key.')
    expect(plain).toContain('The gateway says: go away')
  })

  test('for an address that ends in an endpoint', () => {
    expect(first(404, '{}', {}, 'https://g.test/v1/chat/completions')).toContain('so leave it off')
  })

  test('is not given where the reply passed, or failed for another reason', () => {
    expect(first(401, '{}', { verdict: 'pass' })).not.toContain('Before you blame')
    expect(first(500, '{"error":{"message":"model crashed"}}')).not.toContain('Before you blame')
  })
})
