/** Streams and whole answers, short and long prompts, with and without tools, all at once. */
import { myDrive } from './drive/in-k6.ts'
import { timetableOf } from './plan/timetable.ts'

export { handleSummary, options, setup } from './drive/in-k6.ts'

export default async function mixed({ start }: { start: number }): Promise<void> {
  const drive = myDrive()
  await drive.lanes(timetableOf(drive.order), start)
}
