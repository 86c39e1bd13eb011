// Package wire opens, keeps and reads connections: each read comes with the time at which its bytes arrived.
package wire

import (
	"crypto/tls"
	"errors"
	"net"
	"time"

	"assay/load/k6/stamp"
)

// A Conn is one connection to the target, with TLS over it or without. One goroutine at a time may use it.
type Conn struct {
	stamped *stamp.Conn
	// Used is the number of requests that were sent over it.
	Used int

	secure *tls.Conn
	gate   *gate
	more   bool      // the last read filled its room: more plain text may be here
	usable time.Time // while it is idle: until when it may be used
}

// gate stands under TLS. While it is shut, TLS gets only what it already has.
type gate struct {
	*stamp.Conn
	isShut bool
}

func (g *gate) Read(p []byte) (int, error) {
	if g.isShut {
		return 0, errShut
	}
	return g.Conn.Read(p)
}

// shut is an error after which TLS goes on: temporary, as a timeout is.
type shut struct{}

func (shut) Error() string   { return "no read from the system now" }
func (shut) Timeout() bool   { return true }
func (shut) Temporary() bool { return true }

var errShut net.Error = shut{}

// Take waits until bytes are there, and reads them into memory of the lender's. Over TLS it gives all the text that one
// read from the system made whole, so that a read has one time there too.
func (c *Conn) Take(l stamp.Lender) ([]byte, stamp.Read, error) {
	if c.secure == nil {
		p, err := c.stamped.Take(l)
		return p, c.stamped.Last(), err
	}
	p := l.Lend()
	n, err := c.readSecure(p)
	last := c.stamped.Last()
	// What did not fit may lie in the system, or here.
	last.Filled = last.Filled || n == len(p)
	if n == 0 {
		l.Return()
		return nil, last, err
	}
	return p[:n], last, nil
}

func (c *Conn) readSecure(p []byte) (n int, err error) {
	c.gate.isShut = c.more
	defer func() { c.gate.isShut = false }()
	for n < len(p) {
		var got int
		got, err = c.secure.Read(p[n:])
		n += got
		switch {
		case errors.Is(err, errShut) && n > 0:
			c.more = false
			return n, nil
		case errors.Is(err, errShut):
			c.gate.isShut = false
		case err != nil && n > 0:
			// The next call meets it again.
			c.more = false
			return n, nil
		case err != nil:
			return 0, err
		default:
			c.gate.isShut = true
		}
	}
	c.more = true
	return n, nil
}

// Write hands bytes over.
func (c *Conn) Write(p []byte) (int, error) {
	if c.secure != nil {
		return c.secure.Write(p)
	}
	return c.stamped.Write(p)
}

// Sent is when the last bytes that were written went to the system.
func (c *Conn) Sent() time.Time { return c.stamped.Sent() }

// SetReadDeadline ends a read that waits at t. A zero t: never.
func (c *Conn) SetReadDeadline(t time.Time) { _ = c.stamped.SetReadDeadline(t) }

// SetWriteDeadline ends a write that waits at t. A zero t: never.
func (c *Conn) SetWriteDeadline(t time.Time) { _ = c.stamped.SetWriteDeadline(t) }

// Close closes it at once: the other side of a hang-up must see it now, so no farewell of TLS is waited for.
func (c *Conn) Close() { _ = c.stamped.Close() }
