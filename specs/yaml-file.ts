import { readFileSync } from 'node:fs'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { pathText, SpecError, type SpecProblem } from './problem.ts'

export type Path = readonly (string | number)[]

/** A YAML file that knows where each of its keys and values stands. */
export class YamlFile {
  /** As it is shown in messages. */
  readonly name: string
  /** Syntax errors and repeated keys. */
  readonly problems: SpecProblem[] = []
  /** The content; undefined where the syntax is broken. */
  readonly data: unknown
  readonly #document: Document.Parsed
  readonly #lines = new LineCounter()

  constructor(text: string, name: string) {
    this.name = name
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false })
    let broken = false
    for (const error of this.#document.errors) {
      const repeated = error.code === 'DUPLICATE_KEY'
      // What the parser says after the first stumble is about its own confusion.
      if (!repeated && broken) continue
      if (!repeated) broken = true
      const key = repeated ? pathText(pathTo(this.#document.contents, error.pos[0]) ?? []) : ''
      this.problems.push(
        this.#problemAt(error.pos[0], key, repeated ? 'the key stands twice' : error.message),
      )
    }
    this.data = broken ? undefined : this.#plain()
  }

  /** Whether the file itself has this path. */
  has(path: Path): boolean {
    return this.#offset(path, false) !== undefined
  }

  /**
   * A problem at the value of `path`, or at its key. Where the path leaves the file, the nearest part that is there
   * is shown.
   */
  problem(
    path: Path,
    message: string,
    more: { suggestion?: string | undefined; atKey?: boolean } = {},
  ): SpecProblem {
    let shown = path
    let offset = this.#offset(shown, more.atKey === true)
    while (offset === undefined && shown.length > 0) {
      shown = shown.slice(0, -1)
      offset = this.#offset(shown, true)
    }
    const problem = this.#problemAt(offset ?? 0, pathText(path), message)
    return more.suggestion === undefined ? problem : { ...problem, suggestion: more.suggestion }
  }

  #problemAt(offset: number, key: string, message: string): SpecProblem {
    const { line, col } = this.#lines.linePos(offset)
    return { file: this.name, line: Math.max(line, 1), column: Math.max(col, 1), key, message }
  }

  /** Anchors are expanded within the library's bound, so that a bomb of aliases is an error and not a hang. */
  #plain(): unknown {
    try {
      return this.#document.toJS()
    } catch (error) {
      this.problems.push(this.#problemAt(0, '', error instanceof Error ? error.message : String(error)))
      return undefined
    }
  }

  #offset(path: Path, atKey: boolean): number | undefined {
    let node: Node | null = this.#document.contents
    let key: number | undefined = node?.range?.[0]
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step))
        if (pair === undefined || !isScalar(pair.key)) return undefined
        key = pair.key.range?.[0]
        node = pair.value as Node | null
      } else if (isSeq(node) && typeof step === 'number') {
        const item: unknown = node.items[step]
        if (item === undefined) return undefined
        node = item as Node
        key = node.range?.[0]
      } else {
        return undefined
      }
    }
    return atKey ? key : (node?.range?.[0] ?? key)
  }
}

/** The path of the key that begins at `offset`. */
function pathTo(node: unknown, offset: number): (string | number)[] | undefined {
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const rest = pathTo(item, offset)
      if (rest !== undefined) return [index, ...rest]
    }
  }
  if (!isMap(node)) return undefined
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : ''
    if (isScalar(key) && key.range?.[0] === offset) return [name]
    const rest = pathTo(value, offset)
    if (rest !== undefined) return [name, ...rest]
  }
  return undefined
}

/** The file at `path`, named as given. Throws `SpecError` where it cannot be read. */
export function readYaml(path: string): YamlFile {
  return new YamlFile(readText(path, path), path)
}

/** The text at `path`; `name` stands in messages. Throws `SpecError` where it cannot be read. */
export function readText(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const message = UNREADABLE[code] ?? `cannot be read: ${code}`
    throw new SpecError([{ file: name, line: 0, column: 0, key: '', message }])
  }
}

const UNREADABLE: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory, not a file',
  EACCES: 'this user may not read it',
}
