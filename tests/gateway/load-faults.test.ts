/** The faults under load are data: what is wrong with a file is told, and none of them is one of the kill matrix. */
import { afterEach, describe, expect, it } from 'vitest'
import { loadFaults } from '../../fixtures/faults/faults.ts'
import { loadFaultsUnderLoad, readLoadFaults } from '../../fixtures/faults/under-load.ts'
import { type Gateway, startGateway } from '../../fixtures/gateway/gateway.ts'
import { FAULT_KINDS } from '../../fixtures/gateway/limits/options.ts'
import { STRAIN_KINDS } from '../../fixtures/gateway/pace/strain.ts'
import { SpecError } from '../../specs/problem.ts'
import { YamlFile } from '../../specs/yaml-file.ts'
import { chunks, post } from './ask.ts'
import { profile } from './profile.ts'

const open: Gateway[] = []
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close()
})

describe('faults under load', () => {
  const faults = loadFaultsUnderLoad()

  it('show every strain and every fault of a limit', () => {
    const options = faults.map(({ twist }) => twist.options)
    expect(new Set(options.flatMap((one) => one?.strain?.kind ?? []))).toEqual(new Set(STRAIN_KINDS))
    expect(new Set(options.flatMap((one) => one?.limitFault?.fault.kind ?? []))).toEqual(new Set(FAULT_KINDS))
  })

  it('are not among those of the conformance checks', () => {
    const others = new Set(loadFaults().map(({ id }) => id))
    expect(faults.filter(({ id }) => others.has(id))).toEqual([])
  })

  it.each(faults.map((fault) => [fault.id, fault] as const))(
    '%s leaves one request alone whole',
    async (_, fault) => {
      const gateway = await startGateway({ profile, twist: fault.twist, seed: 3, tokenGapMs: 0 })
      open.push(gateway)
      const content = 'Begin your answer with the word assay-00000001-0000000a. Go on.'
      const body = { model: 'small-1', messages: [{ role: 'user', content }], max_completion_tokens: 20 }
      const { status, text } = await post(gateway, { ...body, stream: true })
      expect(status).toBe(200)
      expect(chunks(text).at(-1)?.choices).toMatchObject([{ finish_reason: 'length' }])
    },
  )

  it('tell where a file is wrong', () => {
    const rows = [
      '- { id: load/x, title: T, scenario: latency, strain: { kind: cut, share: 1 }, must: [load/a/b] }',
      '- { id: load/x, title: T, scenario: latency, strain: { kind: cut, share: 1 }, must: [load/a/b] }',
      '- { id: y, titel: T, scenario: latncy, must: [] }',
      '- { id: load/z, title: T, scenario: rpm, fault: { kind: rase }, must: [openai-chat/plain/ok] }',
    ]
    const read = () => readLoadFaults([new YamlFile(rows.join('\n'), 'made.yaml')])
    expect(read).toThrow(SpecError)
    expect(read).toThrow(/made\.yaml:2.*stands twice/)
    expect(read).toThrow(/titel/)
    expect(read).toThrow(/must have either strain or fault/)
    expect(read).toThrow(/limits is missing/)
    expect(read).toThrow(/must be a list of ids of load verdicts/)
  })
})
