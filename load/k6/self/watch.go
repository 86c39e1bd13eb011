package self

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"sync"
	"time"

	"assay/load/k6/meter"
)

// beat is how often the heart beats: often enough to meet a stall of some ms, seldom enough to cost nothing.
const beat = 10 * time.Millisecond

// A Line is what the meter knows of itself, over the time since the line before. Times are µs.
type Line struct {
	// At is when, since the start of the run.
	At int64 `json:"at_us"`
	// CPU is the time that the process took of processors; null where the system does not tell.
	CPU *int64 `json:"cpu_us"`
	// Goroutines that there are.
	Goroutines int `json:"goroutines"`
	// Heap is the memory of objects, RSS all memory of the process that is in the machine; null where it is not told.
	Heap uint64 `json:"heap_bytes"`
	RSS  *int64 `json:"rss_bytes"`
	// Pauses are the times for which the garbage collector stopped everything.
	Pauses []int64 `json:"gc_pauses_us"`
	// Heartbeat: a goroutine that wants to wake every 10 ms does so that much late.
	Heartbeat Heartbeat `json:"heartbeat"`
	// Open requests there are, and how many began and ended.
	Open    int64 `json:"open"`
	Started int64 `json:"started"`
	Ended   int64 `json:"ended"`
	// ClockSteps is how often the real-time clock was set.
	ClockSteps int64 `json:"clock_steps"`
	// Chunks are reads with bytes of a body; of them CoalescedChunks had several tokens.
	Chunks          int64 `json:"chunks"`
	CoalescedChunks int64 `json:"coalesced_chunks"`
}

// A Heartbeat is how late the wake-ups were.
type Heartbeat struct {
	Max int64 `json:"max_us"`
	P99 int64 `json:"p99_us"`
	N   int   `json:"n"`
}

// A Watch observes the process until Stop.
type Watch struct {
	tally  *Tally
	moment func() meter.Moment

	lock  sync.Mutex
	late  []int64
	steps int64

	last struct {
		cpu                               int64
		started, ended, chunks, coalesced int64
		cycles                            int64
	}
	stop chan struct{}
	done chan struct{}
}

// NewWatch begins to observe. moment tells the time on both clocks.
func NewWatch(tally *Tally, moment func() meter.Moment) *Watch {
	w := &Watch{tally: tally, moment: moment, stop: make(chan struct{}), done: make(chan struct{})}
	w.Line()
	go w.beats()
	return w
}

// Stop ends it.
func (w *Watch) Stop() {
	close(w.stop)
	<-w.done
}

func (w *Watch) beats() {
	defer close(w.done)
	before := w.moment()
	for {
		select {
		case <-w.stop:
			return
		default:
		}
		time.Sleep(beat)
		at := w.moment()
		w.beaten(before, at)
		before = at
	}
}

// beaten notes a wake-up: the one before was at `before`.
func (w *Watch) beaten(before, at meter.Moment) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.late = append(w.late, max(0, at.Mono-before.Mono-int64(beat)))
	if meter.IsStep(before, at) {
		w.steps++
	}
}

// Line is what was since the last one.
func (w *Watch) Line() Line {
	l := Line{At: w.moment().Mono / 1000, Goroutines: runtime.NumGoroutine(), Heap: heap(), RSS: rss("self"), Pauses: w.pauses()}
	if cpu, isKnown := cpuTime(); isKnown {
		since := (cpu - w.last.cpu) / 1000
		l.CPU, w.last.cpu = &since, cpu
	}
	t := w.tally
	started, ended, chunks, coalesced := t.Started.Load(), t.Ended.Load(), t.Chunks.Load(), t.CoalescedChunks.Load()
	l.Started, l.Ended = started-w.last.started, ended-w.last.ended
	l.Chunks, l.CoalescedChunks = chunks-w.last.chunks, coalesced-w.last.coalesced
	l.Open = started - ended
	w.last.started, w.last.ended, w.last.chunks, w.last.coalesced = started, ended, chunks, coalesced
	w.lock.Lock()
	defer w.lock.Unlock()
	slices.Sort(w.late)
	if n := len(w.late); n > 0 {
		l.Heartbeat = Heartbeat{Max: w.late[n-1] / 1000, P99: w.late[(n*99+99)/100-1] / 1000, N: n}
	}
	l.ClockSteps = w.steps
	w.late, w.steps = w.late[:0], 0
	return l
}

// pauses are those of the collections since the last call.
func (w *Watch) pauses() []int64 {
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	fresh := min(int(stats.NumGC-w.last.cycles), len(stats.Pause))
	w.last.cycles = stats.NumGC
	list := make([]int64, fresh)
	for i := range list {
		// The newest stands first.
		list[fresh-1-i] = stats.Pause[i].Microseconds()
	}
	return list
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return sample[0].Value.Uint64()
}

// RSS is the memory of a process that is in the machine, in bytes; nil where the system does not tell, or it is gone.
func RSS(process string) *int64 { return rss(process) }
