// Starts @musistudio/llms with one provider: URL and key are its arguments. Its ESM build cannot be imported.
const path = require('node:path')
const { default: Server } = require('@musistudio/llms')

// Its errors carry stack traces. A recording of them travels, so they tell of /gateway in place of this directory.
const here = `${path.resolve(__dirname, '../..')}${path.sep}`
Error.prepareStackTrace = (error, frames) =>
  [String(error), ...frames.map((frame) => `    at ${frame}`.replaceAll(here, '/gateway/'))].join('\n')

const [, , url, key] = process.argv
const provider = { name: 'reference', api_base_url: url, api_key: key, models: [] }
const server = new Server({
  logger: false,
  useJsonFile: false,
  useEnvFile: false,
  initialConfig: { providers: [provider], HOST: '127.0.0.1' },
})
server.start()
