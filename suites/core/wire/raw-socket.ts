import type { Attempt } from './attempt.ts'
import { connect, type TlsOptions } from './connect.ts'
import { type Prepared, requestHead } from './prepare.ts'
import { tap } from './tap.ts'

/** Sends one request by hand over a connection of its own, and destroys that connection when the attempt has ended. */
export async function sendRaw(request: Prepared, attempt: Attempt, tls: TlsOptions): Promise<void> {
  attempt.connecting()
  const socket = connect(request.url, tls, (error, open) => {
    if (error) return attempt.unreachable(error)
    attempt.connected()
    if (attempt.end) return
    tap(open, () => attempt)
    open.resume()
    open.cork()
    open.write(requestHead(request), 'latin1')
    if (request.body && request.body.length > 0) open.write(request.body)
    open.uncork()
  })
  attempt.cut = () => socket.destroy()
  await attempt.decided
  // What came together with the end belongs to the record.
  await new Promise((resolve) => setImmediate(resolve))
  socket.destroy()
}
