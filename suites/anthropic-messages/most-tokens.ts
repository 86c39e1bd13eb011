import type { Json } from '../../reports/record/types.ts'
import { asInteger, dig, isObject } from '../core/dig.ts'
import { promptBound, UNLIMITED } from '../core/prompt-bound.ts'
import { LIMIT_FIELD } from './ask.ts'

/** Fields that a model reads. */
const READ = ['system', 'messages', 'tools', 'output_config']
/**
 * Allowances for what is billed and does not stand in the request: the API's own prompt where there are tools (some
 * hundred tokens), and a page as text and as picture (1,500 to 3,000). Our documents have one page.
 */
const TOOLS = 800
const PAGE = 3_000

/** Upper bound of the tokens that a body can cost. */
export function mostTokens(body: unknown): number {
  if (!isObject(body)) return 0
  const limit = asInteger(dig(body, LIMIT_FIELD)) ?? UNLIMITED
  const tools = Array.isArray(body.tools) && body.tools.length > 0 ? TOOLS : 0
  return promptBound(body, READ) + tools + pages(body.messages ?? null) * PAGE + Math.max(0, limit)
}

/** Sources whose tokens do not follow from their bytes: PDFs, and whatever the API fetches itself. */
function pages(value: Json): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + pages(item), 0)
  if (!isObject(value)) return 0
  const { source } = value
  const own = isObject(source) && (source.media_type === 'application/pdf' || isFetched(source.type)) ? 1 : 0
  return Object.values(value).reduce<number>((sum, item) => sum + pages(item), own)
}

function isFetched(type: Json | undefined): boolean {
  return type === 'url' || type === 'file'
}
