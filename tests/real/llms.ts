import { fileURLToPath } from 'node:url'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { type Foreign, startForeign } from './foreign.ts'

const START = fileURLToPath(new URL('./llms-server.cjs', import.meta.url))

/** The translator of claude-code-router: Messages in front, Chat Completions at `upstream` (a base URL) behind it. */
export function startLlms(upstream: string): Promise<Foreign> {
  return startForeign('@musistudio/llms', START, [`${upstream}/chat/completions`, KEYS.default])
}
