// Loaded into the command line by --import: tells how much memory the process held at its peak, in MiB. Not by
// resourceUsage(): Linux counts in it what the parent held when it forked.
import { readFileSync, writeFileSync } from 'node:fs'

process.once('exit', () => {
  const status = readFileSync('/proc/self/status', 'latin1')
  writeFileSync(process.env.PEAK_FILE, String(Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) / 1024))
})
