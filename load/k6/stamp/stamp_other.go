//go:build !linux || 386 || s390x

package stamp

import (
	"errors"
	"net"
)

// Supported tells whether this system can give kernel times.
const Supported = false

type source struct{}

// Prime says why there are no times.
func Prime() error { return errNoTimes }

var errNoTimes = errors.New("kernel receive times are not read on this system")

// Wrap gives a connection that reads without the kernel's times, and the reason.
func Wrap(c *net.TCPConn) (*Conn, error) {
	return &Conn{Conn: c}, errNoTimes
}

// Take waits for bytes and reads them into memory that the lender gives.
func (c *Conn) Take(l Lender) ([]byte, error) { return c.plainTake(l) }

// Write writes as a net.Conn does. Sent tells when it began.
func (c *Conn) Write(p []byte) (int, error) { return c.plainWrite(p) }
