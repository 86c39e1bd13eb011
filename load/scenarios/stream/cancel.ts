/** Clients that hang up in the middle: are their places free again? */
import { cancel } from './drive/cancel.ts'
import { myDrive } from './drive/in-k6.ts'

export { handleSummary, options, setup } from './drive/in-k6.ts'

export default async function waves({ start }: { start: number }): Promise<void> {
  await cancel(myDrive(), start)
}
