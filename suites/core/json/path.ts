/** Number of keys from which on a set is cheaper than to compare them all. */
const MANY = 16

/** Where a scan is, and the keys that it has seen in each open object, down to a depth. */
export class Path {
  #bound: number
  #depth = 0
  /** Per open container: number of the item, or -1 in an object. */
  #items: number[] = []
  #keys: string[][] = []
  #sets: (Set<string> | undefined)[] = []

  constructor(bound: number) {
    this.#bound = bound
  }

  /** Whether the innermost container is not below the bound. */
  get isKept(): boolean {
    return this.#depth <= this.#bound
  }

  enter(isObject: boolean): void {
    if (++this.#depth > this.#bound) return
    this.#items.push(isObject ? -1 : 0)
    this.#keys.push([])
    this.#sets.push(undefined)
  }

  leave(): void {
    if (this.#depth-- > this.#bound) return
    this.#items.pop()
    this.#keys.pop()
    this.#sets.pop()
  }

  nextItem(): void {
    if (this.isKept) (this.#items[this.#depth - 1] as number)++
  }

  /** Takes a key of the innermost object (which is kept). Whether it was there before. */
  key(name: string): boolean {
    const level = this.#depth - 1
    const keys = this.#keys[level] as string[]
    let set = this.#sets[level]
    const again = set ? set.has(name) : keys.includes(name)
    // The last key is the current one, which the pointer names: so a repeated one is kept again, in its place.
    if (set) {
      set.add(name)
      keys[0] = name
      keys.length = 1
    } else {
      keys.push(name)
      if (keys.length > MANY) {
        set = new Set(keys)
        this.#sets[level] = set
      }
    }
    return again
  }

  /** JSON Pointer to the current key or item. */
  pointer(): string {
    const tokens = this.#items.map((item, level) =>
      item >= 0 ? `${item}` : (this.#keys[level]?.at(-1) ?? ''),
    )
    return tokens.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  }
}
