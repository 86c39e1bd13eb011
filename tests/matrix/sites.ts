/** Where faults and variations are shown: one profile, asked in one of its dialects. */

export interface Site {
  dialect: string
  profile: string
}

/** Threads take them in turns: in this order two of them have as much to do. What a dialect asks first comes first. */
export const SITES: readonly Site[] = [
  { dialect: 'openai-chat', profile: 'openai' },
  { dialect: 'anthropic-messages', profile: 'anthropic' },
  { dialect: 'openai-chat', profile: 'tokenhub-intl' },
  { dialect: 'anthropic-messages', profile: 'anthropic-2023-06-01' },
  { dialect: 'anthropic-messages', profile: 'tokenhub-intl' },
  { dialect: 'openai-chat', profile: 'pingtoken' },
]

/** `openai-chat on openai`: names a site in maps and messages. */
export function siteName({ dialect, profile }: Site): string {
  return `${dialect} on ${profile}`
}
