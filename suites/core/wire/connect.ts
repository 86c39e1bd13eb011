import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

/** How TLS is checked. */
export interface TlsOptions {
  /** PEM of an authority to be trusted instead of the system's. */
  ca?: string
  /** False: any certificate will do. */
  rejectUnauthorized?: boolean
}

/** Opens a connection to an origin; `done` is called once, when it stands (TLS included) or when it cannot be had. */
export function connect(
  origin: URL,
  tls: TlsOptions,
  done: (error: NodeJS.ErrnoException | undefined, socket: Socket) => void,
): Socket {
  const host = origin.hostname.replace(/^\[(.*)\]$/, '$1')
  const secure = origin.protocol === 'https:'
  const port = Number(origin.port || (secure ? 443 : 80))
  const socket = secure
    ? connectTls({
        ...tls,
        host,
        port,
        ALPNProtocols: ['http/1.1'],
        ...(isIP(host) ? {} : { servername: host }),
      })
    : connectTcp({ host, port })
  socket.setNoDelay(true)
  let told = false
  const tell = (error?: NodeJS.ErrnoException) => {
    if (told) return
    told = true
    done(error, socket)
  }
  socket.once(secure ? 'secureConnect' : 'connect', () => tell())
  socket.on('error', tell)
  socket.once('close', () =>
    tell(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })),
  )
  return socket
}
