//go:build !linux

package stamp

import (
	"errors"
	"net"
)

// Supported tells whether this system can give kernel times.
const Supported = false

type source struct{}

// Wrap gives a connection that reads without the kernel's times, and the reason.
func Wrap(c *net.TCPConn) (*Conn, error) {
	return &Conn{Conn: c}, errors.New("kernel receive times are read on Linux only")
}

// Read reads as a net.Conn does. Last tells the times.
func (c *Conn) Read(p []byte) (int, error) { return c.plain(p) }
