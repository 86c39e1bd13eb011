import fs from 'node:fs'
import path from 'node:path'
import { makeFolder } from './folder.ts'
import { formatLine } from './line.ts'
import { releaseLock, takeLock } from './lock.ts'
import type { RecordLine, ResumeLine } from './types.ts'

export const RECORD_FILE = 'record.jsonl'

/** The directory cannot take a record in the way that was asked for. */
export class RecordRefused extends Error {
  override name = 'RecordRefused'
}

/**
 * Appends lines to `DIR/record.jsonl`, each handed to the system before `write` returns; never rewrites.
 *
 * One process at a time: a run that is still going on cannot be resumed by another.
 *
 * A write that fails (disk full) closes the writer: what was recorded stays readable and can be resumed.
 *
 * What survives: a killed process (SIGKILL too) loses nothing that `write` returned for, because the lines are in the
 * system's cache by then. Against a crash of the machine the file is synced after the `run` and the `summary` line
 * and on `close`; a sync per exchange would cost more than the exchange.
 */
export class RecordWriter {
  readonly file: string
  #fd: number | undefined
  /** What ended the writing before its time. */
  #failure: unknown

  private constructor(file: string, fd: number) {
    this.file = file
    this.#fd = fd
  }

  /** Throws RecordRefused where `create` would for certain; makes nothing. For callers that have long work before it. */
  static assertPlace(dir: string): void {
    if (fs.existsSync(path.join(dir, RECORD_FILE))) throw new RecordRefused(holdsOne(dir))
    let at = path.resolve(dir)
    while (!fs.existsSync(at)) at = path.dirname(at)
    if (!fs.statSync(at).isDirectory()) throw new RecordRefused(takesNone(dir, `${at} is not a directory`))
    try {
      fs.accessSync(at, fs.constants.W_OK)
    } catch (error) {
      throw new RecordRefused(takesNone(dir, (error as Error).message))
    }
  }

  /** Starts a record in `dir` (made where missing). Throws RecordRefused where `dir` already holds one, or takes none. */
  static create(dir: string): RecordWriter {
    const file = path.join(dir, RECORD_FILE)
    try {
      makeFolder(dir)
      const writer = new RecordWriter(file, fs.openSync(file, 'ax', 0o644))
      takeLock(dir)
      return writer
    } catch (error) {
      if (isCode(error, 'EEXIST')) {
        throw new RecordRefused(holdsOne(dir))
      }
      if (!(error instanceof Error && 'code' in error)) throw error
      throw new RecordRefused(
        `nothing can be written to ${dir}: ${error.message}; name another directory (--out)`,
      )
    }
  }

  /**
   * Goes on with the record in `dir` and writes its `resume` line (`at`: ISO 8601). A last line that a kill cut short
   * is kept and closed with a line end, so that readers can tell it from what follows.
   */
  static resume(dir: string, at: string, more: Omit<ResumeLine, 'type' | 'at'> = {}): RecordWriter {
    const file = path.join(dir, RECORD_FILE)
    let fd: number
    try {
      // No O_CREAT: a wrong path must not become an empty record.
      fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_APPEND)
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error
      throw new RecordRefused(`${file} does not exist; there is nothing to resume`)
    }
    const holder = takeLock(dir)
    if (holder !== undefined) {
      fs.closeSync(fd)
      throw new RecordRefused(`${file} is being written by process ${holder}; wait for its end, or end it`)
    }
    const writer = new RecordWriter(file, fd)
    const { size } = fs.fstatSync(fd)
    if (size === 0) {
      writer.close()
      throw new RecordRefused(`${file} is empty; there is nothing to resume`)
    }
    const last = Buffer.alloc(1)
    fs.readSync(fd, last, 0, 1, size - 1)
    if (last[0] !== 0x0a) writer.#append('\n')
    writer.write({ type: 'resume', at, ...more })
    return writer
  }

  write(line: RecordLine): void {
    this.#append(`${formatLine(line)}\n`)
    if (line.type === 'run' || line.type === 'summary') fs.fsyncSync(this.#open())
  }

  /** Syncs and closes. May be called twice. */
  close(): void {
    if (this.#fd === undefined) return
    const fd = this.#fd
    this.#fd = undefined
    try {
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
      releaseLock(path.dirname(this.file))
    }
  }

  #append(text: string): void {
    const bytes = Buffer.from(text)
    try {
      for (let done = 0; done < bytes.length; ) done += fs.writeSync(this.#open(), bytes, done)
    } catch (error) {
      // Part of the line may be there. Another line behind it would spoil the record; `resume` knows how to mend it.
      this.#failure ??= error
      try {
        this.close()
      } catch {
        // The first failure is the one to tell.
      }
      throw error
    }
  }

  #open(): number {
    if (this.#fd === undefined) {
      const why = this.#failure instanceof Error ? `, because a write failed: ${this.#failure.message}` : ''
      throw new Error(`${this.file} was closed${why}`)
    }
    return this.#fd
  }
}

function holdsOne(dir: string): string {
  const file = path.join(dir, RECORD_FILE)
  return `${file} already holds a record; name another directory (--out), or go on with it if it is of an interrupted run (assay run --resume ${dir})`
}

function takesNone(dir: string, why: string): string {
  return `nothing can be written to ${dir}: ${why}; name another directory (--out)`
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
