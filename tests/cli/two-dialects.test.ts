import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { judgeRecord } from '../../cli/judge-session.ts'
import { planRows, planTable } from '../../cli/plan-table.ts'
import { writeReports } from '../../cli/reports.ts'
import { runSession, type SessionOutcome } from '../../cli/run-session.ts'
import { readRecord } from '../../reports/record/read.ts'
import { RecordWriter } from '../../reports/record/write.ts'
import { loadSpecs } from '../../specs/load.ts'
import { plan } from '../../suites/core/plan.ts'
import { select } from '../../suites/core/select.ts'
import { openaiChat } from '../../suites/openai-chat/dialect.ts'
import { temporary } from './assay.ts'
import { expectNoKey, KEY, written } from './canary.ts'
import { MADE, madeEcho, withMade } from './made-dialect.ts'
import { server } from './servers.ts'

const CHAT = 'openai-chat'
const specs = loadSpecs()
const profile = withMade(specs.profiles.get('openai')!)
const dialects = [openaiChat, madeEcho]

const REPLY = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: profile.default_model,
  choices: [
    { index: 0, message: { role: 'assistant', content: 'OK', refusal: null }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
})

function whole(_: IncomingMessage, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json')
  response.end(REPLY)
}

const session = {
  dialects: [CHAT, MADE],
  model: profile.default_model,
  level: 'may' as const,
  checks: [`${CHAT}/plain/reply`, `${MADE}/**`],
  suites: [],
  roles: { chosen: [], given: ['default'] },
}

/** Both dialects at one server, into a directory as `assay run` leaves it. */
async function ran(
  answer: typeof whole,
): Promise<{ dir: string; outcome: SessionOutcome; asked: IncomingMessage[] }> {
  const { url, requests } = await server(answer)
  const { origin } = new URL(url)
  const dir = path.join(temporary(), 'out')
  const writer = RecordWriter.create(dir)
  const outcome = await runSession({
    specs,
    profile,
    dialects,
    options: {
      session,
      keys: {},
      headers: [],
      concurrency: 4,
      max_requests: null,
      max_tokens: null,
      deadlines: {},
      limits: {},
      tls: {},
      baseline: [],
      allow_unproven: false,
    },
    bases: { [CHAT]: `${origin}/v1`, [MADE]: `${origin}/echo` },
    embedded: false,
    keys: { default: KEY },
    headers: [],
    secrets: [],
    seed: 1,
    version: '0.0.0-test',
    write: (line) => writer.write(line),
  })
  writer.close()
  writeReports(dir, await readRecord(dir))
  return { dir, outcome, asked: requests }
}

const sent = (requests: IncomingMessage[]) =>
  requests.map(({ url, headers }) => ({
    path: url,
    key: headers['x-made-key'],
    bearer: headers.authorization,
    version: headers['made-version'],
  }))

describe('a run of two dialects', () => {
  test('asks each at its address, with its headers and its key, and records where', async () => {
    const { dir, outcome, asked } = await ran(whole)
    const { target } = outcome.run
    const { origin } = new URL(target.url)
    expect(target).toMatchObject({
      url: `${origin}/v1`,
      urls: { [CHAT]: `${origin}/v1`, [MADE]: `${origin}/echo` },
    })
    const requests = sent(asked)
    expect(requests.filter((one) => one.path === '/v1/chat/completions')).toEqual([
      { path: '/v1/chat/completions', key: undefined, bearer: `Bearer ${KEY}`, version: undefined },
    ])
    const made = requests.filter((one) => one.path === '/echo/v2/echo')
    expect(made.every(({ version }) => version === '2026-01-01')).toBe(true)
    const WRONG = 'sk-assay-this-key-was-never-issued-0000000000'
    const keys = made.map(({ key, bearer }) => [key, bearer])
    expect(keys).toHaveLength(6)
    for (const pair of [
      [KEY, undefined],
      [undefined, `Bearer ${KEY}`],
      [KEY, `Bearer ${KEY}`],
      [undefined, undefined],
      [WRONG, `Bearer ${WRONG}`],
    ]) {
      expect(keys).toContainEqual(pair)
    }
    expect(requests).toHaveLength(7)
    expectNoKey(written(dir))
  })

  test('counts each request by its own dialect, before and after', async () => {
    const { dir, outcome } = await ran(whole)
    const [chat, made] = select(dialects, profile, specs, session)
    expect(plan([chat!, made!], session.model).requests).toBe(outcome.summary.cost.requests)
    const own = plan([made!], session.model)
    expect(own).toMatchObject({ requests: 6, tokens: 42 })
    expect(outcome.summary.cost.tokens).toBe(plan([chat!], session.model).tokens + own.tokens)
    // A record that lost its summary adds up the same.
    const { summary: _, ...rest } = await readRecord(dir)
    const again = await judgeRecord({ ...rest, complete: false }, { specs, dialects })
    expect(again.summary.cost).toMatchObject({
      requests: outcome.summary.cost.requests,
      tokens: outcome.summary.cost.tokens,
    })
  })

  test('judged again, every verdict is the same', async () => {
    const { dir, outcome } = await ran(whole)
    const again = await judgeRecord(await readRecord(dir), { specs, dialects })
    expect(again.differences).toEqual([])
    expect(again.compared).toBe(outcome.lines.length)
    expect(again.exit).toBe(outcome.exit)
    expect(new Set(outcome.lines.map(({ id }) => id.split('/')[0]))).toEqual(new Set([CHAT, MADE]))
  })

  test('a probe of a dialect for which there is no address is an error of assay, not of the gateway', async () => {
    const stray = { ...madeEcho, checks: () => madeEcho.checks(undefined as never).slice(0, 1) }
    const { origin } = new URL((await server(whole)).url)
    const outcome = await runSession({
      specs,
      profile,
      dialects: [stray],
      options: {
        session: { ...session, dialects: [MADE], checks: [] },
        keys: {},
        headers: [],
        concurrency: 1,
        max_requests: null,
        max_tokens: null,
        deadlines: {},
        limits: {},
        tls: {},
        baseline: [],
        allow_unproven: false,
      },
      bases: { [CHAT]: origin },
      embedded: false,
      keys: { default: KEY },
      headers: [],
      secrets: [],
      seed: 1,
      version: '0.0.0-test',
    })
    const line = outcome.lines.find(({ id }) => id === `${MADE}/plain/reply`)
    expect(line).toMatchObject({ verdict: 'error', message: expect.stringContaining('no address') })
    expect(outcome.exit).toBe(3)
  })
})

describe('a gateway that says the key again', () => {
  const said = ({ headers }: IncomingMessage) => `${headers['x-made-key']} and ${headers.authorization}`

  test.each<[string, typeof whole]>([
    [
      'in a body',
      (request, response) => {
        response.setHeader('content-type', 'application/json')
        const text = said(request)
        response.end(
          JSON.stringify({ error: { message: text, base64: Buffer.from(text).toString('base64') } }),
        )
      },
    ],
    [
      'in a header',
      (request, response) => {
        response.setHeader('x-echo', encodeURIComponent(said(request)))
        whole(request, response)
      },
    ],
    [
      'in a stream, cut anywhere',
      (request, response) => {
        response.setHeader('content-type', 'text/event-stream')
        const body = `event: made\ndata: ${JSON.stringify({ text: said(request) })}\n\n`
        for (let at = 0; at < body.length; at += 7) response.write(body.slice(at, at + 7))
        response.end()
      },
    ],
  ])('%s: it stands nowhere, whatever form it went in, and the leak is a failure', async (_, answer) => {
    const { dir, outcome, asked } = await ran(answer)
    const forms = sent(asked).map(({ key, bearer }) => `${key} ${bearer}`)
    expect(forms).toContain(`${KEY} undefined`)
    expect(forms).toContain(`undefined Bearer ${KEY}`)
    expectNoKey([...written(dir), JSON.stringify(outcome)])
    const line = outcome.lines.find(({ id }) => id === `${MADE}/security/key-echo`)
    expect(line?.verdict).toBe('fail')
    expect(new Set(line?.findings.map(({ at }) => at.exchange)).size).toBeGreaterThan(2)
  })
})

describe('the plan', () => {
  const selected = select(dialects, profile, specs, { ...session, checks: [] })
  const rows = planRows(selected, session.model)
  const all = plan(selected, session.model)
  const lines = planTable(rows, all).split('\n')

  test('adds up each dialect, and all', () => {
    const figures = (name: string) => {
      const line = lines.find((one) => one.startsWith(`${name} `))
      return line
        ?.slice(name.length)
        .trim()
        .split(/ +/)
        .map((cell) => Number(cell.replaceAll(',', '')))
    }
    const [chat, made, both] = [figures(`${CHAT} in all`)!, figures(`${MADE} in all`)!, figures('in all')!]
    expect(both).toEqual([all.checks, all.requests, all.tokens])
    expect(chat.map((figure, i) => figure + made[i]!)).toEqual(both)
    expect(made.slice(1)).toEqual([6, 42])
  })

  test('is a table: every line is as wide as the others', () => {
    expect(new Set(lines.map((line) => line.length)).size).toBe(1)
    expect(lines.filter((line) => /^─/.test(line))).toHaveLength(3)
  })
})

test('a record of an older assay, with one address, is read', async () => {
  const { dir } = await ran(whole)
  const record = await readRecord(dir)
  const { urls: _, ...target } = record.run.target
  writeFileSync(path.join(dir, 'record.jsonl'), `${JSON.stringify({ ...record.run, target })}\n`)
  expect((await readRecord(dir)).run.target.urls).toBeUndefined()
  const broken = { ...record.run, target: { ...target, urls: { [CHAT]: 7 } } }
  writeFileSync(path.join(dir, 'record.jsonl'), `${JSON.stringify(broken)}\n`)
  await expect(readRecord(dir)).rejects.toThrow('run.target.urls')
})
