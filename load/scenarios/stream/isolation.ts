/** A healthy key before, beside and after another that is hammered although it is exhausted or limited. */
import { myDrive } from './drive/in-k6.ts'
import { timetableOf } from './plan/timetable.ts'

export { handleSummary, options, setup } from './drive/in-k6.ts'

export default async function isolation({ start }: { start: number }): Promise<void> {
  const drive = myDrive()
  await drive.lanes(timetableOf(drive.order), start)
}
