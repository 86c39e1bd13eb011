import { test } from 'vitest'
import { behaviours } from '../../fixtures/hostile/behaviours.ts'
import { gateway } from '../../fixtures/hostile/chat.ts'
import { against, run } from './run.ts'

const show = (name: string, ran: Awaited<ReturnType<typeof run>>) => {
  console.log(
    `## ${name} exit ${ran.status} ${Math.round(ran.ms)} ms, ${Math.round(ran.peak)} MiB, ${ran.exchanges.map((x) => JSON.stringify(x.end))}`,
    ran.differences,
    '\n' + ran.record.verdicts.filter((v) => v.verdict !== 'pass' && v.skip?.reason!=='idle').map((v) => `${v.verdict} ${v.id}: ${v.message.slice(0, 150)}`).join('\n'),
    ran.stderr.slice(-300),
  )
  ran.dispose()
}
test('ordinary', async () => show('ordinary', (await against(gateway({}))).ran))
test('refused', async () => show('refused', await run('http://127.0.0.1:9/v1')))
test('never', async () => show('never', (await against(behaviours.neverAnswers)).ran))
test('drip', async () => show('drip', (await against(gateway({ replies: behaviours.drips }))).ran))
test('gigabyte', async () => show('gigabyte', (await against(gateway({ replies: behaviours.gigabyte }))).ran))
test('deep', async () => show('deep', (await against(gateway({ replies: (s) => { const t='['.repeat(1e5)+']'.repeat(1e5); s.write(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${t.length}\r\n\r\n${t}`)} }))).ran))
