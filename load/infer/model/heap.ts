/** The greatest first. */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #rank: (item: T) => number

  constructor(rank: (item: T) => number) {
    this.#rank = rank
  }

  push(item: T): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      if (this.#rank(items[up]!) >= this.#rank(item)) break
      items[at] = items[up]!
      at = up
    }
    items[at] = item
  }

  pop(): T | undefined {
    const items = this.#items
    const top = items[0]
    const last = items.pop()
    if (last === undefined || items.length === 0) return top
    let at = 0
    for (;;) {
      let down = 2 * at + 1
      if (down >= items.length) break
      if (down + 1 < items.length && this.#rank(items[down + 1]!) > this.#rank(items[down]!)) down++
      if (this.#rank(items[down]!) <= this.#rank(last)) break
      items[at] = items[down]!
      at = down
    }
    items[at] = last
    return top
  }
}
