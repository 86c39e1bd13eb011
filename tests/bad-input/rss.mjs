// Loaded into the command line by --import: tells how much memory the process held at its peak (KiB).
import { writeFileSync } from 'node:fs'

process.once('exit', () => {
  writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS))
})
