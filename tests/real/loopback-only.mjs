// Loaded with --import before a foreign gateway: whatever it listens on, it listens on loopback only.
import net from 'node:net'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  const port = typeof first === 'object' && first !== null ? first.port : first
  const callback = rest.findLast((one) => typeof one === 'function')
  return listen.call(this, { port: Number(port ?? 0), host: '127.0.0.1' }, callback)
}
