import type { BuildStep } from '../../load/engine/build.ts'
import { type Engine, findEngine } from '../../load/engine/find.ts'
import { complain } from '../speak.ts'

/** A step of a build that has begun is told at most so often where there is no terminal. */
const EVERY_MS = 5000

/** Finds the engine, or builds it with visible progress. `extension`: whether `k6/x/assay` is needed. */
export async function openEngine(wanted: {
  extension: boolean
  ownOnly?: boolean
  signal: AbortSignal
}): Promise<Engine> {
  const progress = buildProgress(process.stderr)
  try {
    return await findEngine({ ...wanted, env: process.env, onStep: progress.step })
  } finally {
    progress.stop()
  }
}

function buildProgress(stream: NodeJS.WriteStream): { step(step: BuildStep): void; stop(): void } {
  let told: string | undefined
  let at = Number.NEGATIVE_INFINITY
  let drawn = false
  return {
    step(step) {
      if (told === undefined && step.kind !== 'waiting') {
        complain(
          'the load engine is built once for this version (k6 with our extension; a few minutes at most)',
        )
      }
      const news = told !== step.kind
      told = step.kind
      if (stream.isTTY) {
        stream.write(`\r\u001b[K${stepText(step)}`)
        drawn = true
      } else if (news || performance.now() - at > EVERY_MS) {
        at = performance.now()
        complain(stepText(step))
      }
    },
    stop() {
      if (drawn) stream.write('\r\u001b[K')
    },
  }
}

function stepText(step: BuildStep): string {
  switch (step.kind) {
    case 'modules':
      return step.fetched === 0 ? 'looking for the sources' : `${step.fetched} modules fetched`
    case 'packages':
      return `compiling: ${step.done} of at most ${step.total} packages`
    case 'waiting':
      return `process ${step.pid} builds the load engine already: waiting for it`
  }
}
