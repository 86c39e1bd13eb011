import { field, parse } from '../../clients/lines.ts'
import type { Reading } from '../../clients/samples.ts'
import { readJson } from '../../core/json.ts'
import type { StreamEvent } from '../../core/stream-view.ts'

/** A content block as the helper holds it; `json` is the partial JSON of a tool's input, joined. */
export interface HeldBlock {
  type: string
  text: string
  thinking: string
  signature: string
  json: string
}

export interface HelperReading extends Reading {
  blocks: HeldBlock[]
  /** The first event whose content is lost, or goes to another block than the one opened under its index. */
  strayed?: { offset: number; length: number; what: string }
}

/**
 * The stream helper of @anthropic-ai/sdk: records without an event line and pings are passed over, an error throws, the
 * rest is accumulated by `type` of the data. Blocks stand in the order of their starts, and a delta goes to the place
 * that its index names, whatever index that block was opened under.
 */
export function anthropicNode(events: readonly StreamEvent[]): HelperReading {
  const held = new Held()
  const reading = (broken?: Reading['broken']): HelperReading => {
    const { blocks, strayed } = held
    const text = blocks.map((block) => (block.type === 'text' ? block.text : '')).join('')
    return { text, blocks, ...(broken && { broken }), ...(strayed && { strayed }) }
  }
  for (const { event } of events) {
    const at = { offset: event.start, length: event.end - event.start }
    if (event.type === 'ping' || event.data === '' || !isNamed(event)) continue
    if (event.type === 'error') return reading({ ...at, what: 'an error event throws' })
    const read = parse(event.data)
    if (read === undefined) return reading({ ...at, what: 'data that is no JSON throws' })
    const taken = held.take(read.value)
    if (taken?.throws !== undefined) return reading({ ...at, what: taken.throws })
    if (taken?.strays !== undefined) held.strayed ??= { ...at, what: taken.strays }
    if (held.ended) return reading()
  }
  const what = held.begun ? NO_STOP : 'no message_start: the request ended without a message'
  return reading({ offset: events.at(-1)?.event.end ?? 0, length: 0, what })
}

const NO_STOP = 'no message_stop: the stream ended without producing a message'

/** What becomes of one event, where it is not simply taken. */
type Taken = { throws?: string; strays?: string } | undefined

/** What each delta carries, and the blocks that take it. */
const DELTAS = new Map<unknown, { key: 'text' | 'thinking' | 'signature' | 'partial_json'; into: string[] }>([
  ['text_delta', { key: 'text', into: ['text'] }],
  ['thinking_delta', { key: 'thinking', into: ['thinking'] }],
  ['signature_delta', { key: 'signature', into: ['thinking'] }],
  ['input_json_delta', { key: 'partial_json', into: ['tool_use', 'server_tool_use'] }],
])

class Held {
  blocks: HeldBlock[] = []
  strayed: { offset: number; length: number; what: string } | undefined
  begun = false
  ended = false
  #usage = false
  /** The place of the block that was opened last under each index. */
  readonly #places = new Map<number, number>()

  take(value: unknown): Taken {
    const type = field(value, 'type')
    if (type === 'message_start') return this.#start(field(value, 'message'))
    if (!this.begun) return undefined
    if (type === 'message_stop') return this.#end()
    if (type === 'message_delta') return this.#totals(value)
    if (type === 'content_block_delta') return this.#delta(value)
    if (type === 'content_block_stop') return this.#stop(value)
    if (type !== 'content_block_start') return undefined
    const index = field(value, 'index')
    this.#places.set(Number.isInteger(index) ? Number(index) : this.blocks.length, this.blocks.length)
    this.blocks.push(held(field(value, 'content_block')))
    return undefined
  }

  #start(message: unknown): Taken {
    if (this.begun) return { throws: 'a second message_start throws' }
    if (typeof message !== 'object' || message === null) return undefined
    const content = field(message, 'content')
    if (!Array.isArray(content)) {
      return { throws: 'a message without a list of content throws at its first block' }
    }
    this.begun = true
    this.blocks = content.map(held)
    for (const place of this.blocks.keys()) this.#places.set(place, place)
    const usage = field(message, 'usage')
    this.#usage = typeof usage === 'object' && usage !== null
    return undefined
  }

  #totals(value: unknown): Taken {
    if (isNothing(field(value, 'delta'))) return { throws: 'message_delta without delta throws' }
    if (isNothing(field(value, 'usage'))) return { throws: 'message_delta without usage throws' }
    return this.#usage ? undefined : { throws: 'message_start without usage: message_delta throws' }
  }

  #delta(value: unknown): Taken {
    if (this.blocks.length === 0) return { throws: 'a delta before any block throws' }
    const delta = field(value, 'delta')
    if (isNothing(delta)) return { throws: 'content_block_delta without delta throws' }
    const type = field(delta, 'type')
    const kind = DELTAS.get(type)
    const said = kind && field(delta, kind.key)
    // That a key is missing is told by the tier of this client.
    if (kind === undefined || typeof said !== 'string') return undefined
    const index = field(value, 'index')
    const place = placeOf(index)
    const block = place === undefined ? undefined : this.blocks[place]
    const meant = Number.isInteger(index) ? this.#places.get(Number(index)) : this.blocks.length - 1
    const fits = block !== undefined && kind.into.includes(block.type)
    if (fits) add(block, kind.key, said)
    if (said === '') return undefined
    const told = `${String(type)} with index ${JSON.stringify(index) ?? 'missing'}`
    if (!fits) return this.#dropped(told, block, meant)
    if (meant === undefined || meant === place) return undefined
    return { strays: `${told} goes to block ${place} in order, not to the one that this index opened last` }
  }

  /** The input is read here, where its block stands at that place. */
  #stop(value: unknown): Taken {
    const place = placeOf(field(value, 'index'))
    const block = place === undefined ? undefined : this.blocks[place]
    return block !== undefined && isBroken(block.json)
      ? { throws: `content_block_stop throws: ${NO_INPUT}` }
      : undefined
  }

  /** An input that was not read at a stop is read when the caller asks for it. */
  #end(): Taken {
    this.ended = true
    return this.blocks.some(({ json }) => isBroken(json))
      ? { strays: `reading the message throws: ${NO_INPUT}` }
      : undefined
  }

  #dropped(told: string, block: HeldBlock | undefined, meant: number | undefined): Taken {
    const opened = meant === undefined ? undefined : this.blocks[meant]
    // The helper for beta features takes the input of tools that this one does not know.
    if (opened?.type.endsWith('tool_use') && opened === block) return undefined
    if (block === undefined) {
      return { strays: `${told} is lost: ${this.blocks.length} blocks began, and none stands at that place` }
    }
    return { strays: `${told} is lost: the block at that place has type ${JSON.stringify(block.type)}` }
  }
}

const NO_INPUT = 'the partial JSON of a tool is neither JSON nor its beginning'

/** The helper completes JSON that was cut off, as a limit of tokens does, and throws on everything else. */
function isBroken(json: string): boolean {
  if (json === '') return false
  const { problem } = readJson(json)
  return problem !== undefined && problem.offset < json.length
}

function add(block: HeldBlock, key: 'text' | 'thinking' | 'signature' | 'partial_json', said: string): void {
  if (key === 'partial_json') block.json += said
  else if (key === 'signature') block.signature = said
  else block[key] += said
}

function held(value: unknown): HeldBlock {
  const word = (key: string): string => {
    const said = field(value, key)
    return typeof said === 'string' ? said : ''
  }
  return {
    type: word('type'),
    text: word('text'),
    thinking: word('thinking'),
    signature: word('signature'),
    json: '',
  }
}

/** The place in a list that JavaScript's `list[index]` writes to. */
function placeOf(index: unknown): number | undefined {
  return /^(0|[1-9]\d*)$/.test(String(index)) ? Number(index) : undefined
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null
}

/** `message` is also the name of a record that has none. */
function isNamed({ type, lines }: StreamEvent['event']): boolean {
  return type !== 'message' || lines.some(({ name, value }) => name === 'event' && value !== '')
}
