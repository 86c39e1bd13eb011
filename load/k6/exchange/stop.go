package exchange

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"assay/load/k6/clock"
	"assay/load/k6/wire"
)

// never is an instant that does not come.
const never = math.MaxInt64

// A Stopper ends requests when a run has ended: those under way may go on until the drain is over.
type Stopper struct {
	at   atomic.Int64 // ns of the run; never: not yet
	most atomic.Int64 // drain of the requests so far, ns
	lock sync.Mutex
	open map[*wire.Conn]struct{}
	// Dials end with it.
	ctx    context.Context
	cancel context.CancelFunc
}

// NewStopper gives one that stops when ctx is done; end must be called when no request uses it any longer.
func NewStopper(ctx context.Context) (s *Stopper, end func()) {
	s = &Stopper{open: map[*wire.Conn]struct{}{}}
	s.at.Store(never)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if ctx.Err() != nil {
		s.stop()
	}
	unhook := context.AfterFunc(ctx, s.stop)
	return s, func() { unhook(); s.cancel() }
}

func (s *Stopper) stop() {
	if s.isStopping() {
		return
	}
	drain := time.Duration(s.most.Load())
	at := clock.Now() + int64(drain)
	s.at.Store(at)
	s.lock.Lock()
	for c := range s.open {
		c.SetReadDeadline(clock.At(at))
		c.SetWriteDeadline(clock.At(at))
	}
	s.lock.Unlock()
	time.AfterFunc(drain, s.cancel)
}

// drains says how long a request may go on.
func (s *Stopper) drains(d time.Duration) {
	for {
		most := s.most.Load()
		if int64(d) <= most || s.most.CompareAndSwap(most, int64(d)) {
			return
		}
	}
}

// isStopping tells whether no request may begin any longer.
func (s *Stopper) isStopping() bool { return s.at.Load() != never }

// add puts a connection under it: its reads and writes end with the drain, however its deadlines are set meanwhile, as long
// as each setting looks at `at` afterwards.
func (s *Stopper) add(c *wire.Conn) {
	s.lock.Lock()
	s.open[c] = struct{}{}
	s.lock.Unlock()
}

func (s *Stopper) remove(c *wire.Conn) {
	s.lock.Lock()
	delete(s.open, c)
	s.lock.Unlock()
}
