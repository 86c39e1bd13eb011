import { anthropicMessages } from './anthropic-messages/dialect.ts'
import type { Dialect } from './core/check.ts'
import { openaiChat } from './openai-chat/dialect.ts'

/** Every dialect that assay speaks. */
export const dialects: Dialect[] = [openaiChat, anthropicMessages]
