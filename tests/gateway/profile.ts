import type { DialectPromise, Profile } from '../../specs/types.ts'

export const promise: DialectPromise = {
  base_urls: [{ url: 'https://api.example.com/v1' }],
  path: '/chat/completions',
  auth: { header: 'Authorization', scheme: 'Bearer' },
  limit_field: 'max_completion_tokens',
  fields: {},
  undocumented: 'observed',
  response: {},
  chunk: {},
  errors: {},
  clients: [],
}

/** A small profile with two models, one of which can think. */
export const profile: Profile = {
  id: 'openai',
  title: 'A profile for the gateway tests',
  documents: [],
  dialects: { 'openai-chat': promise },
  default_model: 'small-1',
  models: [
    { id: 'small-1', requirements: [], dialects: ['openai-chat'], capabilities: ['tools'] },
    { id: 'deep-1', requirements: [], dialects: ['openai-chat'], capabilities: ['tools', 'thinking'] },
  ],
  claims: [],
}
