package wire

import (
	"context"
	"slices"
	"sync"
	"time"
)

// mostIdle is how long a connection is kept without a request at most.
const mostIdle = 60 * time.Second

// A Pool keeps connections to one target alive between requests, for all users of the process. The one that was used last
// is used next: at a steady rate no more are kept than are needed.
type Pool struct {
	target Target
	lock   sync.Mutex
	idle   []*Conn
}

// NewPool makes a pool.
func NewPool(t Target) *Pool { return &Pool{target: t} }

// Get gives a connection that is not in use, or opens one until the deadline.
func (p *Pool) Get(ctx context.Context, deadline time.Time) (*Conn, error) {
	for {
		c := p.take()
		if c == nil {
			return p.target.Dial(ctx, deadline)
		}
		if time.Now().Before(c.usable) && c.isQuiet() {
			return c, nil
		}
		c.Close()
	}
}

func (p *Pool) take() *Conn {
	p.lock.Lock()
	defer p.lock.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	c := p.idle[last]
	p.idle[last] = nil
	p.idle = p.idle[:last]
	return c
}

// Put gives a connection back after a whole answer; it may be idle for so long.
func (p *Pool) Put(c *Conn, idle time.Duration) {
	c.SetReadDeadline(time.Time{})
	c.SetWriteDeadline(time.Time{})
	now := time.Now()
	c.usable = now.Add(idle)
	p.lock.Lock()
	old := p.cut(now)
	p.idle = append(p.idle, c)
	p.lock.Unlock()
	for _, c := range old {
		c.Close()
	}
}

// cut takes out those that lie at the bottom for too long: nobody would come to them after a burst. It looks at a few, so
// that nobody waits.
func (p *Pool) cut(now time.Time) []*Conn {
	const most = 8
	n := 0
	for n < min(most, len(p.idle)) && !now.Before(p.idle[n].usable) {
		n++
	}
	if n == 0 {
		return nil
	}
	old := slices.Clone(p.idle[:n])
	p.idle = slices.Delete(p.idle, 0, n)
	return old
}

// Close closes what is not in use.
func (p *Pool) Close() {
	for c := p.take(); c != nil; c = p.take() {
		c.Close()
	}
}
