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

export const messagesPromise: DialectPromise = {
  ...promise,
  base_urls: [{ url: 'https://api.example.com' }],
  path: '/v1/messages',
  version: '2023-06-01',
  headers: { 'anthropic-version': '2023-06-01' },
  auth: { header: 'x-api-key', also: [{ header: 'authorization', scheme: 'Bearer' }] },
  limit_field: 'max_tokens',
}

const ALL = ['tools', 'thinking', 'vision', 'documents', 'citations', 'prefill', 'server-tools']

/** A profile with Messages only, whose documents bind to the letter. */
export const messagesProfile: Profile = {
  id: 'anthropic',
  title: 'A Messages profile for the gateway tests',
  documents: [],
  dialects: { 'anthropic-messages': messagesPromise },
  default_model: 'small-1',
  models: [
    { id: 'small-1', requirements: [], dialects: ['anthropic-messages'], capabilities: ALL },
    { id: 'plain-1', requirements: [], dialects: ['anthropic-messages'], capabilities: ['tools'] },
  ],
  claims: [],
}

/** Both dialects on one gateway, and no versions. */
export const bothProfile: Profile = {
  ...messagesProfile,
  id: 'both',
  dialects: { 'openai-chat': promise, 'anthropic-messages': messagesPromise },
  models: messagesProfile.models.map((model) => ({
    ...model,
    dialects: ['openai-chat', 'anthropic-messages'],
  })),
}
