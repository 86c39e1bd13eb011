package extension

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"

	"go.k6.io/k6/metrics"
	"go.k6.io/k6/output"

	"assay/load/k6/clock"
	"assay/load/k6/meter"
	"assay/load/k6/rows"
	"assay/load/k6/self"
	"assay/load/k6/stamp"
)

// sink is k6's output: it owns the sample file. The rows come to it straight from the clients: k6's own samples are for
// thresholds and for other outputs.
type sink struct {
	path   string
	file   *rows.File
	watch  *self.Watch
	target string // id of a process whose memory is observed; "" for none
	abort  func(error)
	// isBroken: the file cannot be written.
	isBroken bool
	flusher  *output.PeriodicFlusher
}

func newOutput(p output.Params) (output.Output, error) {
	if p.ConfigArgument == "" {
		return nil, errors.New("--out assay=FILE: which file?")
	}
	return &sink{path: p.ConfigArgument, target: p.Environment["ASSAY_WATCH_PID"]}, nil
}

// SetTestRunStopCallback gives what ends the run as an interrupt does.
func (s *sink) SetTestRunStopCallback(abort func(error)) { s.abort = abort }

// Description is what k6 shows.
func (s *sink) Description() string { return fmt.Sprintf("assay (%s)", s.path) }

// Start makes the file.
func (s *sink) Start() error {
	tuneCollector()
	file, err := rows.Create(s.path, map[string]any{
		"run": runID(), "started": clock.Started().UTC().Format(time.RFC3339Nano), "go": runtime.Version(), "k6": k6Version(),
		"cpus": runtime.NumCPU(), "kernel_stamps": stamp.Prime() == nil, "clock": clocks(),
	})
	if err != nil {
		return err
	}
	s.file = file
	run.file.Store(file)
	s.watch = self.NewWatch(&run.tally, func() meter.Moment { return clock.Moment(time.Now()) })
	self.WatchParent(os.Getenv("ASSAY_PARENT"), func() { s.abort(errors.New("the process that started this one is gone")) })
	s.flusher, err = output.NewPeriodicFlusher(time.Second, s.flush)
	return err
}

// clocks is one instant on the clock of the run, on the real-time clock and on that of the machine's processes.
func clocks() map[string]any {
	now := time.Now()
	pair := map[string]any{"at_us": clock.Since(now) / 1000, "realtime_ns": strconv.FormatInt(now.UnixNano(), 10)}
	if monotonic, isKnown := clock.Monotonic(); isKnown {
		pair["monotonic_ns"] = monotonic
	}
	return pair
}

func (s *sink) flush() {
	s.file.Add("meter", s.watch.Line())
	if s.target != "" {
		if size := self.RSS(s.target); size != nil {
			s.file.Add("target", map[string]any{"at_us": clock.Now() / 1000, "rss_bytes": *size})
		}
	}
	s.file.WriteHistograms(clock.Now())
	if err := s.file.Flush(); err != nil && !s.isBroken {
		// Load that leaves nothing behind is for nothing. Stop gives the error too.
		s.isBroken = true
		s.abort(fmt.Errorf("the samples cannot be written: %w", err))
	}
}

// AddMetricSamples takes nothing: the rows have it all.
func (s *sink) AddMetricSamples([]metrics.SampleContainer) {}

// Stop writes the rest.
func (s *sink) Stop() error { return s.StopWithTestError(nil) }

// StopWithTestError writes the rest, and whether the run was stopped. All requests are over: k6 waits for its virtual users,
// and they for their requests.
func (s *sink) StopWithTestError(failed error) error {
	s.flusher.Stop()
	s.watch.Stop()
	run.file.Store(nil)
	return s.file.Close(clock.Now(), failed != nil)
}
