import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../../fixtures/gateway/json.ts'
import { Filler } from '../../fixtures/gateway/model/fill.ts'
import { Hints } from '../../fixtures/gateway/model/hints.ts'
import { sample } from '../../fixtures/gateway/model/pattern.ts'

const schemas: Record<string, JsonObject> = {
  plain: {
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer' } },
    required: ['name', 'age'],
    additionalProperties: false,
  },
  nested: {
    type: 'object',
    properties: {
      people: {
        type: 'array',
        minItems: 3,
        items: {
          type: 'object',
          properties: {
            role: { enum: ['admin', 'guest'] },
            score: { type: 'number', minimum: 10, maximum: 11 },
          },
          required: ['role', 'score'],
          additionalProperties: false,
        },
      },
      ok: { type: 'boolean' },
      nothing: { type: 'null' },
    },
    required: ['people', 'ok', 'nothing'],
    additionalProperties: false,
  },
  bounds: {
    type: 'object',
    properties: {
      a: { type: 'integer', exclusiveMinimum: 100, multipleOf: 7 },
      b: { type: 'number', maximum: -3 },
      c: { type: 'string', minLength: 30, maxLength: 32 },
      d: { type: 'string', maxLength: 2 },
      e: { type: 'array', items: { type: 'integer' }, minItems: 4, uniqueItems: true },
      f: { const: { x: 1 } },
    },
    required: ['a', 'b', 'c', 'd', 'e', 'f'],
  },
  shapes: {
    type: 'object',
    properties: Object.fromEntries(
      ['date', 'time', 'date-time', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid', 'uri'].map(
        (format) => [format, { type: 'string', format }],
      ),
    ),
    required: ['date', 'uuid'],
  },
  unions: {
    type: 'object',
    properties: {
      a: { type: ['string', 'null'] },
      b: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
      c: {
        oneOf: [
          { type: 'object', properties: { kind: { const: 'x' } }, required: ['kind'] },
          { type: 'string' },
        ],
      },
      d: {
        allOf: [
          { type: 'object', properties: { p: { type: 'string' } }, required: ['p'] },
          { properties: { q: { type: 'integer' } }, required: ['q'] },
        ],
      },
      e: { $ref: '#/$defs/odd~1name' },
    },
    required: ['a', 'b', 'c', 'd', 'e'],
    $defs: { 'odd/name': { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] } },
  },
  recursive: {
    type: 'object',
    properties: { root: { $ref: '#/$defs/node' } },
    required: ['root'],
    $defs: {
      node: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/$defs/node' } },
          next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
        },
        required: ['name', 'children', 'next'],
      },
    },
  },
  pattern: {
    type: 'object',
    properties: { sku: { type: 'string', pattern: '^[A-Z]{3}-\\d{4}(?:-x|y)?$' } },
    required: ['sku'],
  },
}

describe('values for a schema', () => {
  const ajv = addFormats.default(new Ajv2020.default({ strict: false }))
  const prompts = [
    'Make one up.',
    'Name "Ada", age 36, role guest, in Paris on 2024-02-03; sku ABC-1234',
    'a 1 b 2 c "x" 3.5 105',
  ]
  for (const [name, schema] of Object.entries(schemas)) {
    it.each(prompts)(`${name}: %s`, (prompt) => {
      const value = new Filler(schema, new Hints(prompt), true).value(schema)
      const valid = ajv.validate(schema, value)
      expect(valid, `${JSON.stringify(value)} ${ajv.errorsText()}`).toBe(true)
    })
  }

  it('takes what the prompt offers', () => {
    const value = new Filler({}, new Hints('Extract: name "Ada" and age 36'), true).value(
      schemas.plain as Json,
    )
    expect(value).toEqual({ name: 'Ada', age: 36 })
  })
})

it.each([
  '^\\d{5}$',
  '^[a-f0-9]{8}$',
  '^(red|green)$',
  '^[^0-9]+$',
  'a+b*c?',
  '^\\w{2,4}@x\\.de$',
  '^(?:ab){2}\\s\\S$',
])('a text for %s', (pattern) => {
  expect(sample(pattern)).toMatch(new RegExp(pattern, 'u'))
})
