import { fileURLToPath } from 'node:url'
import { type Foreign, startForeign } from './foreign.ts'

const START = fileURLToPath(import.meta.resolve('@portkey-ai/gateway/build/start-server.js'))

/** Portkey's gateway. Whom it stands before is told with each request. */
export function startPortkey(): Promise<Foreign> {
  return startForeign('Portkey', START, ['--headless'])
}
