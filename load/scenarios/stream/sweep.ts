/** The knee: the highest rate that still meets the SLO. */
import { myDrive } from './drive/in-k6.ts'
import { sweep } from './drive/sweep.ts'

export { handleSummary, options, setup } from './drive/in-k6.ts'

export default async function knee({ start }: { start: number }): Promise<void> {
  await sweep(myDrive(), start)
}
