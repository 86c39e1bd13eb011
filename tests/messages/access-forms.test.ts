import { expect, test } from 'vitest'
import type { KeyForm } from '../../specs/types.ts'
import { access } from '../../suites/anthropic-messages/access.ts'
import type { Probe } from '../../suites/core/probe.ts'
import { groundFor, ID } from './by-hand.ts'

/** The headers of the right question of each form, by the id of its check; of those about several forms all headers. */
function asked(auth: KeyForm & { also?: KeyForm[] }): Record<string, unknown[]> {
  const ground = groundFor('anthropic')
  const checks = access({ ...ground, promise: { ...ground.promise, auth } })
  const wanted = checks.filter(({ ask }) => 'right' in ask || 'reply' in ask || auth.header in ask)
  return Object.fromEntries(
    wanted
      .filter(({ id }) => /access\/(?:x-|authorization|both|conflicting)/.test(id))
      .map(({ id, ask }) => [
        id.replace(`${ID}/access/`, ''),
        Object.entries(ask).flatMap(([name, steps]) =>
          name === 'wrong' ? [] : steps.map((step) => (step as Probe).headers),
        ),
      ]),
  )
}

test('each header has its check, and those of two headers have both', () => {
  expect(asked({ header: 'authorization', scheme: 'Bearer', also: [{ header: 'x-api-key' }] })).toEqual({
    authorization: [undefined],
    'x-api-key': [{ authorization: null, 'x-api-key': '$key' }],
    both: [{ authorization: 'Bearer $key', 'x-api-key': '$key' }],
    conflicting: [
      { authorization: 'Bearer $key', 'x-api-key': 'assay-no-key-0000' },
      { authorization: 'Bearer assay-no-key-0000', 'x-api-key': '$key' },
    ],
  })
})

test('a second scheme of one header has a check of its own, and asks with that scheme', () => {
  const also = [
    { header: 'authorization', scheme: 'Token' },
    { header: 'x-api-key' },
    { header: 'authorization' },
  ]
  const of = asked({ header: 'authorization', scheme: 'Bearer', also })
  expect(Object.keys(of).sort()).toEqual([
    'authorization',
    'authorization-bare',
    'authorization-token',
    'both',
    'conflicting',
    'x-api-key',
  ])
  expect(of.authorization).toEqual([undefined])
  expect(of['authorization-token']).toEqual([{ authorization: 'Token $key' }])
  expect(of['authorization-bare']).toEqual([{ authorization: '$key' }])
  expect(of.both).toEqual([{ authorization: 'Bearer $key', 'x-api-key': '$key' }])
})

test('two schemes of one header cannot stand beside each other', () => {
  const of = asked({
    header: 'authorization',
    scheme: 'Bearer',
    also: [{ header: 'authorization', scheme: 'Token' }],
  })
  expect(Object.keys(of)).toEqual(['authorization', 'authorization-token'])
})
