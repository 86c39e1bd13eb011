import type { Json, JsonObject } from '../../reports/record/types.ts'
import type { Placed } from '../core/check.ts'
import { asArray, asInteger, asString, dig, isObject } from '../core/dig.ts'
import { readJson } from '../core/json.ts'
import type { Chunk } from '../core/stream-view.ts'
import type { Assembled, Block, Usage } from './message.ts'

/** A whole reply. */
export function fromMessage(reply: JsonObject, pointed: (pointer: string) => Placed): Assembled {
  // Finding a place costs a walk through the whole message: only what is told gets one.
  const where = (pointer: string): Placed => ({
    get place() {
      return pointed(pointer).place
    },
  })
  const usage = reply.usage
  return {
    id: asString(reply.id),
    role: asString(reply.role),
    model: asString(reply.model),
    blocks: asArray(reply.content).map((block, at) => wholeBlock(block, at, where(`/content/${at}`))),
    stopReason: textOrNull(reply.stop_reason),
    stopSequence: textOrNull(reply.stop_sequence),
    usage: isObject(usage) ? usageOf(usage, where('/usage')) : undefined,
    where: where(''),
    stopWhere: where('/stop_reason'),
  }
}

function wholeBlock(value: Json, index: number, where: Placed): Block {
  const raw = isObject(value) ? value : {}
  return {
    index,
    type: asString(raw.type) ?? '',
    text: asString(raw.text) ?? asString(raw.thinking) ?? '',
    signature: asString(raw.signature) ?? '',
    id: asString(raw.id),
    name: asString(raw.name),
    input: raw.input,
    inputText: undefined,
    deltas: 0,
    stopped: true,
    replay: raw,
    raw,
    where,
  }
}

function usageOf(raw: JsonObject, where: Placed): Usage {
  return {
    input: asInteger(raw.input_tokens),
    output: asInteger(raw.output_tokens),
    cacheCreation: asInteger(raw.cache_creation_input_tokens),
    cacheRead: asInteger(raw.cache_read_input_tokens),
    raw,
    where,
  }
}

/**
 * The type of an event: that of its data, which clients go by; its name where the data has none. An event may carry
 * anything: what is none of a message's parts is passed over.
 */
export function typeOf(chunk: Chunk): string {
  return asString(chunk.value.type) ?? chunk.event.type
}

/** Events that carry a part of a message; `ping`, `error` and what no document names are none. */
const PARTS = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
])

/**
 * Puts the events of a stream together as a careful client would: blocks in the order of their starts, deltas to the
 * block that was started last under their index, totals laid over each other. What comes after `message_stop` is not
 * read. undefined: no event carried a part of a message.
 */
export function assemble(chunks: Chunk[]): Assembled | undefined {
  let made: Making | undefined
  for (const chunk of chunks) {
    const type = typeOf(chunk)
    if (type === 'message_stop') break
    if (!PARTS.has(type)) continue
    made ??= new Making(chunk)
    made.add(type, chunk)
  }
  return made?.end()
}

/** A block in the making: texts are joined once, at its end. */
interface Open {
  block: Block
  texts: string[]
  inputs: string[]
  citations: Json[]
}

class Making {
  readonly #message: Assembled
  readonly #blocks: Open[] = []
  readonly #byIndex = new Map<number, Open>()
  #started = false
  #usage: JsonObject | undefined
  #usageWhere: Placed

  constructor(first: Chunk) {
    this.#usageWhere = first
    this.#message = {
      id: undefined,
      role: undefined,
      model: undefined,
      blocks: [],
      stopReason: undefined,
      stopSequence: undefined,
      usage: undefined,
      where: first,
      stopWhere: first,
    }
  }

  add(type: string, chunk: Chunk): void {
    if (type === 'message_start') this.#start(chunk)
    else if (type === 'content_block_start') this.#openBlock(chunk)
    else if (type === 'content_block_delta') this.#delta(chunk)
    else if (type === 'content_block_stop') this.#stop(chunk)
    else this.#totals(chunk)
  }

  #start(chunk: Chunk): void {
    // A second start is a fault of the grammar; the message that began stays the message.
    if (this.#started) return
    this.#started = true
    const message = chunk.value.message
    this.#message.where = chunk.pointed('/message')
    if (!isObject(message)) return
    this.#message.id = asString(message.id)
    this.#message.role = asString(message.role)
    this.#message.model = asString(message.model)
    this.#message.stopReason = textOrNull(message.stop_reason)
    this.#message.stopSequence = textOrNull(message.stop_sequence)
    this.#message.stopWhere = chunk.pointed('/message/stop_reason')
    for (const [at, value] of asArray(message.content).entries()) {
      this.#open(value, at, chunk.pointed(`/message/content/${at}`)).block.stopped = true
    }
    this.#count(message.usage, chunk.pointed('/message/usage'))
  }

  #openBlock(chunk: Chunk): void {
    const index = asInteger(chunk.value.index) ?? this.#blocks.length
    this.#open(chunk.value.content_block, index, chunk.pointed('/content_block'))
  }

  #open(value: Json | undefined, index: number, where: Placed): Open {
    const block = wholeBlock(value ?? null, index, where)
    block.stopped = false
    if (block.type.endsWith('tool_use')) block.inputText = ''
    const citations = [...asArray(block.raw.citations)]
    const open: Open = { block, texts: [block.text], inputs: [], citations }
    this.#blocks.push(open)
    this.#byIndex.set(index, open)
    return open
  }

  /** The block that an event means; without a usable index the last one. */
  #meant(chunk: Chunk): Open | undefined {
    const index = asInteger(chunk.value.index)
    return index === undefined ? this.#blocks.at(-1) : this.#byIndex.get(index)
  }

  #delta(chunk: Chunk): void {
    const delta = chunk.value.delta
    const type = asString(dig(delta, 'type')) ?? ''
    const open = this.#meant(chunk) ?? this.#unstarted(type, chunk)
    const { block } = open
    block.deltas += 1
    const text = asString(dig(delta, TEXTS.get(type) ?? 'text'))
    if (type === 'input_json_delta') {
      block.inputText ??= ''
      if (text !== undefined) open.inputs.push(text)
    } else if (type === 'signature_delta') {
      // The official clients replace: a signature comes in one piece.
      block.signature = text ?? block.signature
    } else if (type === 'citations_delta') {
      const citation = dig(delta, 'citation')
      if (citation !== undefined) open.citations.push(citation)
    } else if (text !== undefined && TEXTS.has(type)) open.texts.push(text)
  }

  /** A delta for a block that nobody started: its own type tells what the block is. */
  #unstarted(type: string, chunk: Chunk): Open {
    const index = asInteger(chunk.value.index) ?? this.#blocks.length
    const open = this.#open({}, index, chunk)
    open.block.type = BLOCKS.get(type) ?? ''
    return open
  }

  #stop(chunk: Chunk): void {
    const open = this.#meant(chunk)
    if (open !== undefined) open.block.stopped = true
  }

  #totals(chunk: Chunk): void {
    const delta = chunk.value.delta
    const reason = textOrNull(dig(delta, 'stop_reason'))
    if (reason !== undefined) {
      this.#message.stopReason = reason
      this.#message.stopWhere = chunk.pointed('/delta/stop_reason')
    }
    const sequence = textOrNull(dig(delta, 'stop_sequence'))
    if (sequence !== undefined) this.#message.stopSequence = sequence
    this.#count(chunk.value.usage, chunk.pointed('/usage'))
  }

  /** Counts are totals: what is said later takes the place of what was said before; null says nothing. */
  #count(usage: Json | undefined, where: Placed): void {
    if (!isObject(usage)) return
    this.#usage ??= {}
    this.#usageWhere = where
    for (const [key, value] of Object.entries(usage)) {
      if (key === '__proto__' || (value === null && Object.hasOwn(this.#usage, key))) continue
      this.#usage[key] = value
    }
  }

  end(): Assembled {
    this.#message.blocks = this.#blocks.map(closed)
    if (this.#usage !== undefined) this.#message.usage = usageOf(this.#usage, this.#usageWhere)
    return this.#message
  }
}

/** The key of a delta that holds its text, by the delta's type. */
const TEXTS = new Map([
  ['text_delta', 'text'],
  ['thinking_delta', 'thinking'],
  ['signature_delta', 'signature'],
  ['input_json_delta', 'partial_json'],
])

/** The block that a delta belongs to. */
const BLOCKS = new Map([
  ['text_delta', 'text'],
  ['citations_delta', 'text'],
  ['thinking_delta', 'thinking'],
  ['signature_delta', 'thinking'],
  ['input_json_delta', 'tool_use'],
])

function closed({ block, texts, inputs, citations }: Open): Block {
  block.text = texts.join('')
  if (block.inputText !== undefined) {
    block.inputText = inputs.join('')
    // A tool without arguments may have no partial JSON at all: what its start said stands.
    if (block.inputText !== '') block.input = readJson(block.inputText).value
  }
  block.replay = replayOf(block, citations)
  return block
}

function replayOf(block: Block, citations: Json[]): JsonObject {
  const { type, text, signature, input } = block
  const replay: JsonObject = { ...block.raw, type }
  if (type === 'text') replay.text = text
  if (type === 'text' && citations.length > 0) replay.citations = citations
  if (type === 'thinking') {
    replay.thinking = text
    if (signature !== '' || 'signature' in block.raw) replay.signature = signature
  }
  if (block.inputText !== undefined && input !== undefined) replay.input = input
  return replay
}

function textOrNull(value: Json | undefined): string | null | undefined {
  return value === null || typeof value === 'string' ? value : undefined
}
