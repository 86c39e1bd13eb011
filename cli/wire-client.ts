import { WireClient } from '../suites/core/wire/client.ts'
import type { RecordedOptions } from './recorded-options.ts'

/** The sender of a run, as its options want it. `ca`: PEM of the authority to trust. */
export function wireClient({
  origin,
  options,
  ca,
}: {
  origin: string
  options: RecordedOptions
  ca?: string
}): WireClient {
  const { deadlines, limits, tls, concurrency } = options
  return new WireClient({
    origin,
    maxConnections: concurrency,
    deadlines: {
      ...(deadlines.connect === undefined ? {} : { connect: deadlines.connect }),
      ...(deadlines.headers === undefined ? {} : { headers: deadlines.headers }),
      ...(deadlines.first_byte === undefined ? {} : { firstByte: deadlines.first_byte }),
      ...(deadlines.between_bytes === undefined ? {} : { betweenBytes: deadlines.between_bytes }),
      ...(deadlines.total === undefined ? {} : { total: deadlines.total }),
    },
    bounds: {
      ...(limits.head_bytes === undefined ? {} : { headBytes: limits.head_bytes }),
      ...(limits.body_bytes === undefined ? {} : { bodyBytes: limits.body_bytes }),
    },
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(tls.insecure === true ? { rejectUnauthorized: false } : {}),
    },
  })
}
