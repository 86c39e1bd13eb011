/** The meter on itself: an even load, then the same with readers that sleep. */
import { myDrive } from './drive/in-k6.ts'
import { timetableOf } from './plan/timetable.ts'

export { handleSummary, options, setup } from './drive/in-k6.ts'

export default async function selftest({ start }: { start: number }): Promise<void> {
  const drive = myDrive()
  await drive.lanes(timetableOf(drive.order), start)
}
