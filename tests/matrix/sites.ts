/** Where faults and variations are shown: one profile, asked in one of its dialects. */

export interface Site {
  dialect: string
  profile: string
}

/** In the order in which threads take them: the one that costs most to open comes first. */
export const SITES: readonly Site[] = [
  { dialect: 'openai-chat', profile: 'openai' },
  { dialect: 'openai-chat', profile: 'tokenhub-intl' },
  { dialect: 'openai-chat', profile: 'pingtoken' },
  { dialect: 'anthropic-messages', profile: 'anthropic' },
  { dialect: 'anthropic-messages', profile: 'anthropic-2023-06-01' },
  { dialect: 'anthropic-messages', profile: 'tokenhub-intl' },
]

/** `openai-chat on openai`: names a site in maps and messages. */
export function siteName({ dialect, profile }: Site): string {
  return `${dialect} on ${profile}`
}
