import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { onInterrupt } from '../../cli/signals.ts'
import { KEYS } from '../../fixtures/gateway/gateway.ts'
import { assay, recordLines, start, temporary } from './assay.ts'
import { gateway } from './servers.ts'

const env = { ASSAY_KEY: KEYS.default }
const SUBJECTS = ['--suite', 'plain', '--suite', 'completion', '--suite', 'messages']
const FREE = 6
const UNDER_WAY = 2

function exchanges(dir: string): string[] {
  return recordLines(dir).flatMap((line) => {
    const exchange = line.exchange as { digest: string } | undefined
    return exchange === undefined ? [] : [exchange.digest]
  })
}

function verdicts(dir: string): string[] {
  return recordLines(dir).flatMap((line) =>
    line.type === 'verdict' ? [`${String(line.id)} ${String(line.verdict)}`] : [],
  )
}

/** Starts a run whose gateway stops answering after `FREE` requests, and waits until it hangs. */
async function hanging() {
  const target = await gateway({ free: FREE })
  const dir = path.join(temporary(), 'out')
  const args = ['run', '--url', target.url, ...SUBJECTS, '--concurrency', String(UNDER_WAY), '--out', dir]
  const running = start(args, { env })
  await target.hold(UNDER_WAY)
  return { target, dir, running }
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s in the middle', (signal) => {
  test('ends at once with 130, with all files, and is gone on with', async () => {
    const { target, dir, running } = await hanging()
    running.child.kill(signal)
    const { status, stdout, stderr } = await running.ended
    expect(stderr).toContain('interrupted')
    expect(stdout).toContain('INTERRUPTED')
    expect(stdout).not.toContain('CONFORMS')
    expect(stdout).toContain(`assay run --resume ${dir}`)
    const again = await assay(['judge', dir])
    expect(again.stdout.replace(/\s+/g, ' ')).toContain(`assay run --resume ${dir}.`)
    expect(status).toBe(130)
    expect(readdirSync(dir).sort()).toEqual(['junit.xml', 'record.jsonl', 'report.txt', 'summary.json'])
    const json = JSON.parse(readFileSync(path.join(dir, 'summary.json'), 'utf8')) as Record<string, unknown>
    expect(json).toMatchObject({ exit: 130, interrupted: true, conclusion: 'interrupted' })
    expect(exchanges(dir)).toHaveLength(FREE)
    const last = recordLines(dir).at(-1)
    expect(last).toMatchObject({ type: 'summary', interrupted: true })

    const judged = await assay(['judge', dir])
    expect(judged.stdout).toContain('did not come to its end')
    expect(judged.stdout).toContain('verdicts agree with the record')
    expect(judged.status).toBe(4)

    await goesOn(target, dir)
  })
})

test('SIGKILL in the middle leaves a readable record, which is gone on with', async () => {
  const { target, dir, running } = await hanging()
  running.child.kill('SIGKILL')
  expect((await running.ended).signal).toBe('SIGKILL')
  expect(exchanges(dir)).toHaveLength(FREE)

  const judged = await assay(['judge', dir])
  expect(judged.stdout).toContain('did not come to its end')
  expect(judged.stdout).not.toContain('CONFORMS')
  expect(judged.status).toBe(4)

  await goesOn(target, dir)
})

/** Resumes: sends what is missing and nothing else, and comes to the verdicts of a run that nobody interrupted. */
async function goesOn(target: Awaited<ReturnType<typeof gateway>>, dir: string): Promise<void> {
  target.letGo()
  const before = target.received().length
  const foreign = await assay(['run', '--resume', dir, '--url', 'http://127.0.0.1:9/v1'], { env })
  expect(foreign.status).toBe(2)
  expect(foreign.stderr).toContain('start a new one')
  const keyless = await assay(['run', '--resume', dir])
  expect(keyless.status).toBe(2)
  expect(target.received()).toHaveLength(before)

  const resumed = await assay(['run', '--resume', dir, '--url', target.url], { env })
  expect(resumed.stdout).not.toContain('INTERRUPTED')
  const digests = exchanges(dir)
  expect(new Set(digests).size).toBe(digests.length)
  expect(target.received().length - before).toBe(digests.length - FREE)

  const whole = path.join(temporary(), 'whole')
  const uninterrupted = await assay(['run', '--url', target.url, ...SUBJECTS, '--out', whole], { env })
  expect(resumed.status).toBe(uninterrupted.status)
  const since = verdicts(dir).slice(-verdicts(whole).length)
  expect(since).toEqual(verdicts(whole))

  const judged = await assay(['judge', dir])
  expect(judged.stdout).toContain('verdicts agree with the record')
  expect(judged.status).toBe(resumed.status)

  const again = await assay(['run', '--resume', dir], { env })
  expect(again.status).toBe(2)
  expect(again.stderr).toContain('came to its end')
}

test('the second signal ends the process at once', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('the process ended')
  })
  const told = vi.fn()
  const { signal, release } = onInterrupt(told)
  try {
    process.emit('SIGINT')
    expect(told).toHaveBeenCalledOnce()
    expect(signal.aborted).toBe(true)
    expect(exit).not.toHaveBeenCalled()
    expect(() => process.emit('SIGTERM')).toThrow('the process ended')
    expect(exit).toHaveBeenCalledWith(130)
    expect(told).toHaveBeenCalledOnce()
  } finally {
    release()
    exit.mockRestore()
  }
  expect(process.listenerCount('SIGINT')).toBe(0)
})
