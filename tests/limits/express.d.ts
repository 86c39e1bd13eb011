/** As much of express as the limiter in front of it needs; the package has no types of its own. */
declare module 'express' {
  import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'

  interface Request extends IncomingMessage {
    body: unknown
  }
  interface App extends RequestListener {
    use(middleware: (request: never, response: never, next: never) => unknown): void
    post(path: string, handler: (request: Request, response: ServerResponse) => unknown): void
  }
  interface Express {
    (): App
    json(options: { limit: string }): (request: unknown, response: unknown, next: () => void) => void
  }
  const express: Express
  export default express
}
