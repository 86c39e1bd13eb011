import type { Charge } from './types.ts'

/** The ways of charging that are looked for. */
const WAYS: readonly Pick<Charge, 'what' | 'when'>[] = [
  { what: 'request', when: 'admission' },
  { what: 'request', when: 'end' },
  { what: 'prompt', when: 'admission' },
  { what: 'prompt', when: 'end' },
  { what: 'prompt+completion', when: 'end' },
  { what: 'prompt+max', when: 'admission' },
  { what: 'reserve-refund', when: 'admission' },
]

/** With both flags; without a request that hung up nothing can be said of the second. */
export const chargesFor = (hungUp: boolean): Charge[] =>
  WAYS.flatMap((way) =>
    [false, true].flatMap((refused) =>
      (hungUp ? [true, false] : (['unknown'] as const)).map((cancelled) => ({ ...way, refused, cancelled })),
    ),
  )
