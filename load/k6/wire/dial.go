package wire

import (
	"context"
	"crypto/tls"
	"net"
	"time"

	"assay/load/k6/stamp"
)

// mostDials bounds how many connections are opened at once: a listener's queue is some hundred long, and what does not
// find room in it comes a second later. A wait for a turn counts as time to connect.
const mostDials = 128

var dials = make(chan struct{}, mostDials)

// A Target is where connections go.
type Target struct {
	// Address is host:port.
	Address string
	// TLS is nil for plain text.
	TLS *tls.Config
}

// Dial opens a connection until the deadline. Errors are *Error.
func (t *Target) Dial(ctx context.Context, deadline time.Time) (*Conn, error) {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	select {
	case dials <- struct{}{}:
		defer func() { <-dials }()
	case <-ctx.Done():
		return nil, dialError(ctx.Err())
	}
	// Names are asked for by the system's rules. No proxy: what is measured is the target.
	dialer := net.Dialer{KeepAlive: 30 * time.Second}
	plain, err := dialer.DialContext(ctx, "tcp", t.Address)
	if err != nil {
		return nil, dialError(err)
	}
	tcp, isTCP := plain.(*net.TCPConn)
	if !isTCP {
		plain.Close()
		return nil, &Error{Other, "the connection is no TCP connection"}
	}
	// Where it gives no times, rows say that no read was stamped.
	stamped, _ := stamp.Wrap(tcp)
	c := &Conn{stamped: stamped}
	if t.TLS == nil {
		return c, nil
	}
	c.gate = &gate{Conn: stamped}
	c.secure = tls.Client(c.gate, t.TLS)
	if err := c.secure.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, handshakeError(ctx, err)
	}
	return c, nil
}
