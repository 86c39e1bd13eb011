package self

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"time"

	"assay/load/k6/meter"
)

// still is a watch whose heart does not beat: the test does.
func still(tally *Tally) *Watch {
	return &Watch{tally: tally, moment: func() meter.Moment { return meter.Moment{Mono: 7_000_000} }}
}

func TestLine(t *testing.T) {
	var tally Tally
	w := still(&tally)
	w.Line()
	tally.Started.Add(5)
	tally.Ended.Add(2)
	tally.Chunks.Add(100)
	tally.CoalescedChunks.Add(9)
	runtime.GC()
	l := w.Line()
	if l.At != 7000 || l.Open != 3 || l.Started != 5 || l.Ended != 2 || l.Chunks != 100 || l.CoalescedChunks != 9 {
		t.Errorf("%+v", l)
	}
	if len(l.Pauses) == 0 || l.Heap == 0 || l.Goroutines == 0 {
		t.Errorf("%+v", l)
	}
	if runtime.GOOS == "linux" && (l.CPU == nil || l.RSS == nil || *l.RSS < 1<<20) {
		t.Errorf("%+v", l)
	}
	if l = w.Line(); l.Started != 0 || l.Open != 3 || len(l.Pauses) != 0 || l.Heartbeat.N != 0 {
		t.Errorf("a line holds what was since the one before: %+v", l)
	}
}

func TestHeartbeat(t *testing.T) {
	w := still(new(Tally))
	at := meter.Moment{Mono: 0, Real: 1_000_000_000}
	for n := range int64(200) {
		late := int64(100_000)
		if n == 50 {
			late = 50_000_000
		}
		next := meter.Moment{Mono: at.Mono + int64(beat) + late, Real: at.Real + int64(beat) + late}
		if n == 100 {
			next.Real += 3_600_000_000_000 // set by an hour
		}
		w.beaten(at, next)
		at = next
	}
	l := w.Line()
	if l.Heartbeat != (Heartbeat{Max: 50_000, P99: 100, N: 200}) || l.ClockSteps != 1 {
		t.Errorf("%+v", l)
	}
}

func TestAWatchBeats(t *testing.T) {
	w := NewWatch(new(Tally), func() meter.Moment {
		now := time.Now()
		return meter.Moment{Mono: now.UnixNano(), Real: now.UnixNano()}
	})
	time.Sleep(6 * beat)
	w.Stop()
	if l := w.Line(); l.Heartbeat.N == 0 {
		t.Errorf("%+v", l)
	}
}

func TestRSSOfAnother(t *testing.T) {
	if RSS("no such process") != nil {
		t.Error("the memory of none")
	}
	if size := RSS(strconv.Itoa(os.Getpid())); runtime.GOOS == "linux" && (size == nil || *size < 1<<20) {
		t.Errorf("%v", size)
	}
}

func TestParent(t *testing.T) {
	gone := make(chan bool, 2)
	WatchParent("", func() { gone <- false })
	WatchParent(strconv.Itoa(os.Getppid()), func() { gone <- false })
	other := exec.Command(os.Args[0], "-test.run", "^$")
	if err := other.Run(); err != nil {
		t.Fatal(err)
	}
	WatchParent(strconv.Itoa(other.Process.Pid), func() { gone <- true })
	if !<-gone {
		t.Error("a parent that is there is not gone")
	}
}
