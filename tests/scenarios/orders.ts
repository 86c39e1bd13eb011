import { readFileSync } from 'node:fs'
import type { Order, StreamScenario } from '../../load/order.ts'
import type { Bodies } from '../../load/scenarios/prompts/body.ts'
import { Words } from '../../load/scenarios/prompts/words.ts'
import { DEFAULTS } from '../../load/scenarios/stream/plan/defaults.ts'

export interface Changes {
  load?: Partial<Order['load']>
  requests?: Partial<Order['requests']>
  caps?: Partial<Order['caps']>
  target?: Partial<Order['target']>
  deadlines?: Partial<Order['deadlines']>
  options?: Order['options']
  slo?: Order['slo']
  seed?: number
}

/** An order as the command would write it: the defaults of the scenario, a chat target, changes over all. */
export function orderOf(scenario: StreamScenario, changes: Changes = {}): Order {
  const defaults = DEFAULTS[scenario]
  return {
    schema: 'assay/order/1',
    scenario,
    run: '0badcafe',
    seed: changes.seed ?? 7,
    target: {
      url: 'http://127.0.0.1:1/v1/chat/completions',
      dialect: 'openai-chat',
      model: 'some-model',
      models: ['some-model'],
      limit_field: 'max_tokens',
      headers: {},
      secret_headers: {},
      auth: { header: 'authorization', prefix: 'Bearer ' },
      keys: { default: 'ASSAY_LOAD_KEY_DEFAULT', exhausted: 'ASSAY_LOAD_KEY_EXHAUSTED' },
      tls: {},
      ...changes.target,
    },
    load: { ...defaults.load, ...changes.load },
    requests: { ...defaults.requests, ...changes.requests },
    caps: { requests: 100_000, tokens: 100_000_000, duration_s: 3600, rate: 1000, ...changes.caps },
    deadlines: {
      connect_ms: 5000,
      headers_ms: 10_000,
      first_token_ms: 10_000,
      between_ms: 10_000,
      total_ms: 20_000,
      drain_ms: 5000,
      ...changes.deadlines,
    },
    slo: changes.slo ?? [],
    options: { ...(defaults.options as Order['options']), ...changes.options },
  }
}

const PROMPTS = new URL('../../load/scenarios/prompts/', import.meta.url)

export const BODIES: Bodies = JSON.parse(readFileSync(new URL('bodies.json', PROMPTS), 'utf8'))
export const LIST: string[] = JSON.parse(readFileSync(new URL('words.json', PROMPTS), 'utf8'))
export const WORDS = new Words(LIST, 7)
