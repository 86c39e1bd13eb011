package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// A Class is the kind of an error, as rows and tags name it.
type Class string

// The classes of errors.
const (
	DNS               Class = "dns"
	Refused           Class = "connect-refused"
	ConnectTimeout    Class = "connect-timeout"
	TLS               Class = "tls"
	Reset             Class = "reset"
	Closed            Class = "closed"
	HeadersTimeout    Class = "headers-timeout"
	FirstTokenTimeout Class = "first-token-timeout"
	BetweenTimeout    Class = "between-timeout"
	TotalTimeout      Class = "total-timeout"
	Garbled           Class = "garbled"
	TooLarge          Class = "too-large"
	Capped            Class = "capped"
	Stopped           Class = "stopped"
	Other             Class = "other"
)

// An Error is a class and what there is to say of it; it may hold what the other side sent, so it is masked before it is
// shown.
type Error struct {
	Class  Class
	Detail string
}

func (e *Error) Error() string { return string(e.Class) + ": " + e.Detail }

// inOrder: the other side closed and said so.
const inOrder = "the connection was closed"

// IsInOrder tells whether the other side closed in order: then a body that only the close ends is whole. Over TLS a close
// between two records counts as one, with or without TLS's farewell: many leave that out, and crypto/tls takes it so.
func (e *Error) IsInOrder() bool { return e.Class == Closed && e.Detail == inOrder }

func dialError(err error) *Error {
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return &Error{Stopped, "the run ended"}
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return &Error{ConnectTimeout, err.Error()}
	case errors.As(err, &dns):
		return &Error{DNS, err.Error()}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &Error{Refused, err.Error()}
	}
	return &Error{Other, err.Error()}
}

func handshakeError(ctx context.Context, err error) *Error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &Error{Stopped, "the run ended"}
	case ctx.Err() != nil, isTimeout(err):
		return &Error{ConnectTimeout, "TLS: " + err.Error()}
	}
	return &Error{TLS, err.Error()}
}

// Broken classifies an error of reading or writing that is no timeout.
func Broken(err error) *Error {
	switch {
	case errors.Is(err, io.EOF):
		return &Error{Closed, inOrder}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &Error{Closed, "the connection was closed inside a record of TLS"}
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNABORTED):
		return &Error{Reset, err.Error()}
	case errors.Is(err, net.ErrClosed):
		return &Error{Stopped, "the run ended"}
	}
	return &Error{Other, err.Error()}
}

// IsTimeout tells whether a read or write ended at its deadline.
func IsTimeout(err error) bool { return isTimeout(err) }

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
