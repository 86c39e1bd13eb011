package extension

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"assay/load/k6/exchange"
	"assay/load/k6/rows"
	"assay/load/k6/self"
)

// run is the one of this process: what all virtual users share.
var run = &runState{clients: map[[sha256.Size]byte]*exchange.Client{}}

// The heap is small beside what the machine has, and nearly all of it lives as long as its stream: to collect it every time
// that it has doubled, as Go does, costs more than the memory is worth. It is collected when it has grown five-fold, and as
// often as need be near the limit. GOGC and GOMEMLIMIT of the environment have the last word.
const (
	heapGrowth = 400
	heapLimit  = 800 << 20
)

func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit)
	}
}

type runState struct {
	lock    sync.Mutex
	clients map[[sha256.Size]byte]*exchange.Client
	budget  exchange.Budget
	tally   self.Tally
	file    atomic.Pointer[rows.File]
	stopped atomic.Bool
}

// client is the engine's client for these options: one for all virtual users that have the same, so that they share its
// connections.
func (r *runState) client(o *clientOptions) (*exchange.Client, error) {
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	key := sha256.Sum256(text)
	r.lock.Lock()
	defer r.lock.Unlock()
	if c := r.clients[key]; c != nil {
		return c, nil
	}
	c, err := exchange.New(o.core(), &r.budget, &r.tally, r.recorder)
	if err != nil {
		return nil, err
	}
	r.clients[key] = c
	return c, nil
}

// recorder is where rows go; nil where k6 runs without this output.
func (r *runState) recorder() exchange.Recorder {
	if f := r.file.Load(); f != nil {
		return f
	}
	return nil
}

func (r *runState) add(kind string, value any) {
	if f := r.file.Load(); f != nil {
		f.Add(kind, value)
	}
}

// stopperOf ends the requests of one iteration when k6 ends the iteration.
type stopperOf struct {
	ctx     context.Context
	stopper *exchange.Stopper
	lock    sync.Mutex
	open    int
	isOver  bool
	end     func()
}

// stopperNow is that of the iteration under way, with one more user, who calls done.
func (i *instance) stopperNow() *stopperOf {
	ctx := i.vu.Context()
	s := i.stopper
	if s == nil || s.ctx != ctx || !s.enter() {
		s = &stopperOf{ctx: ctx, open: 1}
		s.stopper, s.end = exchange.NewStopper(ctx)
		i.stopper = s
	}
	return s
}

func (s *stopperOf) enter() bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.isOver {
		return false
	}
	s.open++
	return true
}

func (s *stopperOf) done() {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.open--; s.open == 0 {
		s.isOver = true
		s.end()
	}
}
