/**
 * A reader for the declarations of a generated .d.ts: interfaces, type aliases and namespaces, with `@deprecated`.
 * It knows the few forms that SDK generators write and throws on any other, so that nothing is passed over silently.
 * (TypeScript 7 has no stable API to ask instead.)
 */

export type DtsType =
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'word'; word: string }
  | { kind: 'name'; name: string; scope: string }
  | { kind: 'array'; of: DtsType }
  | { kind: 'union'; of: DtsType[] }
  | { kind: 'object'; keys: Map<string, DtsKey> }
  | { kind: 'map'; of: DtsType }

export interface DtsKey {
  optional: boolean
  deprecated: boolean
  type: DtsType
}

/** Declarations by full name: `ChatCompletion.Choice.Logprobs`. */
export type Declarations = Map<string, DtsType>

interface Token {
  text: string
  kind: 'word' | 'string' | 'number' | 'sign' | 'doc'
}

/** Reads the interfaces and type aliases of one file. Anything else at the top level is passed over. */
export function readDts(source: string, into: Declarations = new Map()): Declarations {
  new Reader(tokens(source), into).declarations('')
  return into
}

const TOKEN =
  /\/\*\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Za-z_$][\w$]*|-?\d+(?:\.\d+)?|=>|\.\.\.|\S/g

function tokens(source: string): Token[] {
  const list: Token[] = []
  for (const [text] of source.matchAll(TOKEN)) {
    if (text.startsWith('//')) continue
    if (text.startsWith('/**')) list.push({ text, kind: 'doc' })
    else if (/^['"]/.test(text)) list.push({ text: text.slice(1, -1), kind: 'string' })
    else if (/^-?\d/.test(text)) list.push({ text, kind: 'number' })
    else list.push({ text, kind: /^[A-Za-z_$]/.test(text) ? 'word' : 'sign' })
  }
  return list
}

class Reader {
  private readonly list: Token[]
  private readonly found: Declarations
  private at = 0
  /** The comment just passed. */
  private doc = ''

  constructor(list: Token[], found: Declarations) {
    this.list = list
    this.found = found
  }

  /** Declarations up to the end or the closing brace of a namespace. */
  declarations(scope: string): void {
    while (this.at < this.list.length && this.peek() !== '}') {
      while (['export', 'declare'].includes(this.peek())) this.next()
      const name = this.list[this.at + 1]?.text ?? ''
      const full = scope === '' ? name : `${scope}.${name}`
      if (this.peek() === 'namespace') {
        this.skip(2)
        this.expect('{')
        this.declarations(full)
        this.expect('}')
      } else if (this.peek() === 'interface') {
        this.skip(2)
        if (this.peek() === '<') this.balanced('<', '>')
        const parent = this.take('extends') ? this.type(scope) : undefined
        const own = this.object(full)
        this.found.set(full, parent === undefined ? own : this.extended(parent, own))
      } else if (this.peek() === 'type' && this.list[this.at + 2]?.text === '=') {
        this.skip(3)
        this.found.set(full, this.type(full))
        this.take(';')
      } else this.statement()
    }
  }

  private extended(parent: DtsType, own: DtsType): DtsType {
    if (parent.kind !== 'name' || own.kind !== 'object') return own
    const base = lookup(this.found, parent.name, parent.scope)
    if (base?.type.kind !== 'object') return own
    return { kind: 'object', keys: new Map([...base.type.keys, ...own.keys]) }
  }

  /** Anything that is no type: an import, a class, an export list. */
  private statement(): void {
    for (;;) {
      const text = this.next()
      if (text === '{') {
        this.at--
        this.balanced('{', '}')
        if (this.peek() !== 'from' && this.peek() !== ';') return
      }
      if (text === ';' || this.at >= this.list.length) return
    }
  }

  private object(scope: string): DtsType {
    const keys = new Map<string, DtsKey>()
    this.expect('{')
    while (this.peek() !== '}') {
      const deprecated = /@deprecated/.test(this.doc)
      if (this.take('[')) {
        this.skip(1)
        this.expect(':')
        this.expect('string')
        this.expect(']')
        this.expect(':')
        const of = this.type(scope)
        this.take(';')
        this.expect('}')
        // An object that names some keys and is open to others.
        return keys.size > 0 ? { kind: 'object', keys } : { kind: 'map', of }
      }
      const key = this.next()
      const optional = this.take('?')
      this.expect(':')
      keys.set(key, { optional, deprecated, type: this.type(scope) })
      this.take(';')
    }
    this.expect('}')
    return { kind: 'object', keys }
  }

  private type(scope: string): DtsType {
    this.take('|')
    const of = [this.part(scope)]
    while (this.take('|')) of.push(this.part(scope))
    return of.length === 1 && of[0] !== undefined ? of[0] : { kind: 'union', of }
  }

  private part(scope: string): DtsType {
    let type = this.single(scope)
    while (this.take('&')) {
      const other = this.single(scope)
      // `string & {}` is how a generator writes "these words, or any other".
      if (other.kind !== 'object' || other.keys.size > 0) throw new Error(`${scope}: an intersection`)
    }
    while (this.peek() === '[' && this.list[this.at + 1]?.text === ']') {
      this.skip(2)
      type = { kind: 'array', of: type }
    }
    return type
  }

  private single(scope: string): DtsType {
    this.peek()
    const token = this.list[this.at]
    if (token === undefined) throw new Error(`${scope}: ends in the middle of a type`)
    if (token.text === '{' && token.kind === 'sign') return this.object(scope)
    this.at++
    if (token.kind === 'string') return { kind: 'literal', value: token.text }
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) }
    if (token.text === '(') {
      const inside = this.type(scope)
      this.expect(')')
      return inside
    }
    if (token.kind !== 'word') throw new Error(`${scope}: a type cannot begin with ${token.text}`)
    if (token.text === 'null') return { kind: 'literal', value: null }
    if (token.text === 'true' || token.text === 'false')
      return { kind: 'literal', value: token.text === 'true' }
    if (['string', 'number', 'boolean', 'unknown', 'any'].includes(token.text)) {
      return { kind: 'word', word: token.text }
    }
    let name = token.text
    while (this.take('.')) name += `.${this.next()}`
    if (name === 'Array' && this.take('<')) {
      const of = this.type(scope)
      this.expect('>')
      return { kind: 'array', of }
    }
    if (this.peek() === '<') this.balanced('<', '>')
    return { kind: 'name', name, scope }
  }

  private balanced(open: string, close: string): void {
    let depth = 0
    do {
      const token = this.list[this.at++]
      if (token === undefined) throw new Error(`${open} without ${close}`)
      if (token.kind === 'sign' && token.text === open) depth++
      if (token.kind === 'sign' && token.text === close) depth--
    } while (depth > 0)
  }

  private peek(): string {
    for (;;) {
      const token = this.list[this.at]
      if (token?.kind !== 'doc') return token?.text ?? ''
      this.doc = token.text
      this.at++
    }
  }

  private next(): string {
    const text = this.peek()
    this.at++
    this.doc = ''
    return text
  }

  private skip(count: number): void {
    for (let i = 0; i < count; i++) this.next()
  }

  private take(text: string): boolean {
    if (this.peek() !== text || this.list[this.at]?.kind === 'string') return false
    this.next()
    return true
  }

  private expect(text: string): void {
    const got = this.next()
    if (got !== text) throw new Error(`expected ${text}, got ${got} (token ${this.at})`)
  }
}

/** A name as it is seen from a scope: inner namespaces first; `Shared.X` and the like lose their module. */
export function lookup(
  all: Declarations,
  name: string,
  scope: string,
): { full: string; type: DtsType } | undefined {
  for (let here = scope; ; here = here.slice(0, Math.max(0, here.lastIndexOf('.')))) {
    const full = here === '' ? name : `${here}.${name}`
    const type = all.get(full)
    if (type !== undefined) return { full, type }
    if (here === '') break
  }
  const dot = name.indexOf('.')
  return dot < 0 ? undefined : lookup(all, name.slice(dot + 1), '')
}
