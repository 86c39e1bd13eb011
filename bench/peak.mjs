// Loaded with --import into a measured process: says its peak memory when it ends, on descriptor 3.
import { writeSync } from 'node:fs'

process.on('exit', () => writeSync(3, `${process.resourceUsage().maxRSS}\n`))
