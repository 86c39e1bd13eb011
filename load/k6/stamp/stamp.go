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
	last   Read
	source source
}

// Last is the read that was made last.
func (c *Conn) Last() Read { return c.last }

// plain reads without the kernel's time.
func (c *Conn) plain(p []byte) (int, error) {
	asked := time.Now()
	n, err := c.Conn.Read(p)
	c.last = Read{Asked: asked, Returned: time.Now(), Filled: n == len(p)}
	return n, err
}
