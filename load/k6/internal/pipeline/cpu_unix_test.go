//go:build unix

package pipeline

import "syscall"

// cpu is the time on the processor that this process has taken, in ns.
func cpu() int64 {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return used.Utime.Nano() + used.Stime.Nano()
}
