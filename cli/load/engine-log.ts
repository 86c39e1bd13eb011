import { closeSync, openSync, writeSync } from 'node:fs'
import { maskText, type Secret } from '../../reports/record/redact.ts'

/** What a scenario says when it ends the run before its time. */
const STOP = 'assay-stop: '
/** What k6 adds to the words of an abort: where in which script it was. */
const PLACE = / at \S+ \(\S+:\d+:\d+\(\d+\)\)$/
const SHOWN = 3

/** `DIR/k6.log`: what k6 said, secrets masked, and what of it a person should hear. */
export class EngineLog {
  readonly #file: number
  readonly #secrets: readonly Secret[]
  readonly #errors: string[] = []
  readonly #last: string[] = []
  #stop: string | undefined

  constructor(file: string, secrets: readonly Secret[]) {
    this.#file = openSync(file, 'w', 0o644)
    this.#secrets = secrets
  }

  /** One line of k6's standard output or error. */
  line(raw: string): void {
    const { text } = maskText(raw, this.#secrets)
    writeSync(this.#file, `${text}\n`)
    const message = messageOf(text)
    const at = message.indexOf(STOP)
    if (at >= 0) this.#stop ??= message.slice(at + STOP.length).replace(PLACE, '')
    else if (/\blevel=(?:error|fatal)\b/.test(text) || /^(?:panic:|fatal error:|runtime: )/.test(text))
      this.#errors.push(message)
    if (message.trim() !== '' && !/^\s+at /.test(message)) this.#last.push(message)
    if (this.#last.length > SHOWN) this.#last.shift()
  }

  /** Why the scenario ended the run, if it did. */
  get stopped(): string | undefined {
    return this.#stop
  }

  /** The first things that went wrong, else the last that was said; a few lines. */
  get errors(): readonly string[] {
    return this.#errors.length > 0 ? this.#errors.slice(0, SHOWN) : this.#last
  }

  close(): void {
    closeSync(this.#file)
  }
}

/** The message in a line of k6's log: `time="…" level=error msg="…" error="…"`. */
function messageOf(line: string): string {
  const quoted = /\bmsg=("(?:[^"\\]|\\.)*"|\S+)/.exec(line)?.[1]
  if (quoted === undefined) return line
  if (!quoted.startsWith('"')) return quoted
  try {
    return JSON.parse(quoted) as string
  } catch {
    return quoted.slice(1, -1)
  }
}
