package clock

import "golang.org/x/sys/unix"

// Monotonic is CLOCK_MONOTONIC in ns, which is the same in every process of the machine.
func Monotonic() (int64, bool) {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return 0, false
	}
	return t.Nano(), true
}
