// Loaded with --import before a foreign gateway: it listens on loopback only and connects to loopback only. Where
// its parent has an IPC channel, it takes a free port instead of the one it asks for and tells the parent which
// ({ port }) and what it was kept from reaching ({ refused }); and it ends with its parent, however that ends.
import net from 'node:net'

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])
const tell = (message) => process.connected && process.send(message)

const { listen } = net.Server.prototype
net.Server.prototype.listen = function (first, ...rest) {
  const asked = typeof first === 'object' && first !== null ? first.port : first
  const callback = rest.findLast((one) => typeof one === 'function')
  this.once('listening', () => tell({ port: this.address().port }))
  return listen.call(this, { port: process.connected ? 0 : Number(asked ?? 0), host: '127.0.0.1' }, callback)
}

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...given) {
  // Node's own callers hand over their arguments in one array.
  const [first, second] = Array.isArray(given[0]) ? given[0] : given
  const host = (typeof first === 'object' && first !== null ? first.host : second) ?? 'localhost'
  if (LOOPBACK.has(host)) return connect.apply(this, given)
  tell({ refused: String(host) })
  process.nextTick(() => this.destroy(new Error(`${host} is not loopback`)))
  return this
}

if (process.connected) {
  process.once('disconnect', () => process.exit(1))
  process.channel?.unref()
}
