// Package stamp reads TCP connections together with the time at which the kernel received what was read.
//
// The kernel merges segments, so the time of a read is that of the last bytes of the last segment that it touched: for a
// read that holds several events it is the time of the last one, and read late it hides how late the first ones are.
// Whoever measures has to say so where a read holds more than one event.
//
// The times are of the real-time clock. Where the system gives none (not Linux), reads have none.
package stamp

import (
	"net"
	"time"
)

// A Read is what is known of the read that a Conn made last.
type Read struct {
	// Asked is when the system was asked for these bytes: all that was there at that time came in this read or before,
	// if Filled is false.
	Asked time.Time
	// Returned is when they were here.
	Returned time.Time
	// Kernel is when the last of them came to the system, by its real-time clock in ns since 1970; 0 where that is not
	// known.
	Kernel int64
	// Filled: there was no more room, so that more bytes may have been there.
	Filled bool
}

// A Conn is a connection whose reads are stamped. One goroutine at a time may read.
type Conn struct {
	net.Conn
	last  Read
	sent  time.Time
	given given
	source
}

// A Lender gives memory for a read when its bytes are there: thousands of connections that wait need none.
type Lender interface {
	// Lend gives memory, at least a byte.
	Lend() []byte
	// Return takes back what was lent last and not used.
	Return()
}

// given lends what the caller of Read has.
type given struct{ p []byte }

func (g *given) Lend() []byte { return g.p }
func (g *given) Return()      {}

// Read reads as a net.Conn does. Last tells the times.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c.given.p = p
	got, err := c.Take(&c.given)
	c.given.p = nil
	return len(got), err
}

// Last is the read that was made last.
func (c *Conn) Last() Read { return c.last }

// Sent is when the last bytes that were written went to the system.
func (c *Conn) Sent() time.Time { return c.sent }

// plainWrite is Write where the system is not asked by hand.
func (c *Conn) plainWrite(p []byte) (int, error) {
	at := time.Now()
	n, err := c.Conn.Write(p)
	if n > 0 {
		c.sent = at
	}
	return n, err
}

// plainTake is Take without the kernel's time.
func (c *Conn) plainTake(l Lender) ([]byte, error) {
	p := l.Lend()
	asked := time.Now()
	n, err := c.Conn.Read(p)
	c.last = Read{Asked: asked, Returned: time.Now(), Filled: n == len(p)}
	if n == 0 {
		l.Return()
		return nil, err
	}
	return p[:n], nil
}
