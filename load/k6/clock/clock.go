// Package clock is the clock of a run: every time in a sample file is counted from its start.
package clock

import (
	"time"

	"assay/load/k6/meter"
)

// started is the zero of the run: when the process began.
var started = time.Now()

// Started is the zero of the run, by the clock on the wall.
func Started() time.Time { return started }

// Now is the time since the start of the run in ns. It is monotonic.
func Now() int64 { return int64(time.Since(started)) }

// Since is the time from the start of the run to t in ns, by t's monotonic reading.
func Since(t time.Time) int64 { return int64(t.Sub(started)) }

// At is the instant so many ns after the start of the run.
func At(ns int64) time.Time { return started.Add(time.Duration(ns)) }

// Moment is t on both clocks.
func Moment(t time.Time) meter.Moment { return meter.Moment{Mono: Since(t), Real: t.UnixNano()} }
