/** Latency: a closed number of streams, or an open model with constant or Poisson arrivals. */
import { myDrive } from './drive/in-k6.ts'
import { timetableOf } from './plan/timetable.ts'

export { handleSummary, options, setup } from './drive/in-k6.ts'

export default async function latency({ start }: { start: number }): Promise<void> {
  const drive = myDrive()
  await drive.lanes(timetableOf(drive.order), start)
}
