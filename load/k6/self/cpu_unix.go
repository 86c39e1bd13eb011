//go:build unix

package self

import "syscall"

// cpuTime is what the process took of processors so far, in ns.
func cpuTime() (int64, bool) {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0, false
	}
	return usage.Utime.Nano() + usage.Stime.Nano(), true
}
