import type { JsonObject } from '../../reports/record/types.ts'

/**
 * A picture that any model that sees can name: 32 by 32 pixels, 8 bits a channel, all red (220, 20, 20). PNG, in base64.
 * Smaller ones are refused by models that are otherwise able.
 */
const RED =
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKklEQVR42mO4IyJCU8QwasGoBaMWjFowasGoBaMWjFowasGoBaMWDBULAJ3LED19/LmKAAAAAElFTkSuQmCC'

/** The picture as an image block; `media_type` may be another than its own. */
export function picture(media_type = 'image/png'): JsonObject {
  return { type: 'image', source: { type: 'base64', media_type, data: RED } }
}
