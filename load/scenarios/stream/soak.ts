/** The same load for a long time, in windows: does memory grow, do the figures drift? */
import { myDrive } from './drive/in-k6.ts'
import { timetableOf } from './plan/timetable.ts'

export { handleSummary, options, setup } from './drive/in-k6.ts'

export default async function soak({ start }: { start: number }): Promise<void> {
  const drive = myDrive()
  await drive.lanes(timetableOf(drive.order), start)
}
