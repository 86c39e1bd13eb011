/** What the lines of a load run hold: the order, and the figures. */
import { each, object, type Shape, shape } from './shape.ts'

const LOAD: Record<string, Shape> = {
  schema: 'string',
  scenario: 'string',
  run: 'string',
  target: 'object',
  load: 'object',
  slo: 'array',
  options: 'object',
}
const STREAM: Record<string, Shape> = {
  headline: 'object',
  phases: 'array',
  models: 'array',
  meter: 'object',
  scenario: 'object',
  file: 'object',
  answered: 'number',
}
const GROUP: Record<string, Shape> = {
  requests: 'number',
  outcomes: 'object',
  errors: 'object',
  statuses: 'object',
  dropped: 'object',
  times: 'object',
  tokens: 'object',
}

export function checkOrder(value: unknown): void {
  const order = shape(value, LOAD, 'run.load')
  shape(
    order.target,
    { url: 'string', dialect: 'string', model: 'string', models: 'array' },
    'run.load.target',
  )
  shape(order.load, { arrivals: 'string', streams: 'number', duration_s: 'number' }, 'run.load.load')
  each(order.slo, { metric: 'string' }, 'run.load.slo')
}

export function checkFigures({ stream, limiter }: Record<string, unknown>): void {
  if (limiter !== undefined) object(limiter, 'summary.load.limiter')
  if (stream === undefined) return
  const { headline, phases, models, meter } = shape(stream, STREAM, 'summary.load.stream')
  shape(headline, { ...GROUP, phases: 'array', excluded: 'array' }, 'summary.load.stream.headline')
  each(phases, { ...GROUP, name: 'string', meter: 'object' }, 'summary.load.stream.phases')
  each(models, { ...GROUP, name: 'string' }, 'summary.load.stream.models')
  shape(meter, { saturated: 'boolean', reasons: 'array' }, 'summary.load.stream.meter')
}
