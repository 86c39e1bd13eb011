/** How the gateway asks for a key: in the words of the form that the profile takes first. */
import { describe, expect, it } from 'vitest'
import { noKey } from '../../fixtures/gateway/access.ts'
import { KEYS, startGateway } from '../../fixtures/gateway/gateway.ts'
import { objectOf, textOf } from '../../fixtures/gateway/json.ts'
import { loadSpecs, profileById } from '../../specs/load.ts'
import { json } from './ask.ts'
import { message, send } from './ask-messages.ts'

describe('without a key', () => {
  it.each([
    ['authorization', 'Bearer', 'the Authorization header: Authorization: Bearer YOUR_KEY.'],
    ['Authorization', 'Bearer', 'the Authorization header: Authorization: Bearer YOUR_KEY.'],
    ['x-api-key', undefined, 'the x-api-key header: x-api-key: YOUR_KEY.'],
    ['api-key', 'Token', 'the api-key header: api-key: Token YOUR_KEY.'],
  ])('%s %s', (header, scheme, words) => {
    const { status, message: said } = noKey({ header, ...(scheme !== undefined && { scheme }) })
    expect([status, said]).toEqual([401, `You did not provide an API key. Send it in ${words}`])
  })

  it.each([
    ['anthropic', 'Authorization: Bearer YOUR_KEY'],
    ['anthropic-2023-06-01', 'x-api-key: YOUR_KEY'],
    ['tokenhub-intl', 'x-api-key: YOUR_KEY'],
  ])('profile %s', async (id, words) => {
    const gateway = await startGateway({ profile: profileById(loadSpecs(), id), tokenGapMs: 0 })
    const got = await send(gateway, message('x'), { 'x-api-key': null })
    await gateway.close()
    expect(got.status).toBe(401)
    expect(textOf(objectOf(json(got).error).message)).toContain(words)
  })
})

describe('the restricted key', () => {
  it('is bound to other models, whichever is asked', async () => {
    const profile = profileById(loadSpecs(), 'anthropic-2023-06-01')
    const gateway = await startGateway({ profile, tokenGapMs: 0 })
    const chosen = await startGateway({ profile, tokenGapMs: 0, restrictedModels: [profile.models[1]!.id] })
    const asked = (to: typeof gateway, model: string) =>
      send(to, message('Say OK', { model }), { 'x-api-key': KEYS.restricted })
    const statuses = async (to: typeof gateway) =>
      Promise.all(profile.models.map(async ({ id }) => (await asked(to, id)).status))
    expect(await statuses(gateway)).toEqual(profile.models.map(() => 403))
    expect(await statuses(chosen)).toEqual(profile.models.map((_, i) => (i === 1 ? 200 : 403)))
    await gateway.close()
    await chosen.close()
  })
})
