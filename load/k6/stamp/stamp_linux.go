//go:build !386 && !s390x

package stamp

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// Flags of linux/net_tstamp.h.
const (
	receiveSoftware = 1 << 3 // SOF_TIMESTAMPING_RX_SOFTWARE
	reportSoftware  = 1 << 4 // SOF_TIMESTAMPING_SOFTWARE
)

// Supported tells whether this system can give kernel times.
const Supported = true

// source is what reads by hand; raw is nil where the kernel gives no times.
type source struct {
	raw     syscall.RawConn
	attempt func(fd uintptr) bool // made once: a closure for each read would be an allocation for each
	control [64]byte              // room for the one message that was asked for
	message syscall.Msghdr
	vector  syscall.Iovec
	push    func(fd uintptr) bool
	// Of the write under way.
	from    []byte
	written int
	failure error
	// Of the read under way.
	lender Lender
	into   []byte
	asked  time.Time
	n      int
	err    error
}

// Wrap asks the kernel for the receive times of a connection. The error says why it gives none; the Conn then reads
// without them.
func Wrap(c *net.TCPConn) (*Conn, error) {
	conn := &Conn{Conn: c}
	if err := prime(); err != nil {
		return conn, err
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return conn, err
	}
	if err := enable(raw); err != nil {
		return conn, err
	}
	conn.raw = raw
	conn.attempt = conn.try
	conn.push = conn.tryWrite
	return conn, nil
}

// try makes one attempt to read, which does not wait; false: nothing is there.
func (c *Conn) try(fd uintptr) bool {
	s := &c.source
	s.into = s.lender.Lend()
	for {
		s.asked = time.Now()
		if s.n, s.err = s.receive(fd); s.err != syscall.EINTR {
			break
		}
	}
	if s.err == syscall.EAGAIN {
		s.lender.Return()
		return false
	}
	return true
}

// receive is recvmsg(2). It does not wait, so the scheduler need not know of it.
func (s *source) receive(fd uintptr) (int, error) {
	s.vector.Base = &s.into[0]
	s.vector.SetLen(len(s.into))
	s.message = syscall.Msghdr{Iov: &s.vector, Iovlen: 1, Control: &s.control[0]}
	s.message.SetControllen(len(s.control))
	n, _, failed := syscall.RawSyscall(syscall.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&s.message)), syscall.MSG_DONTWAIT)
	if failed != 0 {
		return 0, failed
	}
	return int(n), nil
}

func enable(raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPING, receiveSoftware|reportSoftware)
	})
	if err == nil && failed != nil {
		err = fmt.Errorf("the kernel gives no receive times: %w", os.NewSyscallError("setsockopt", failed))
	}
	return err
}

// Prime makes the kernel stamp packets, for the first connection too. The error says why it does not.
func Prime() error { return prime() }

// prime holds one stamped socket open for the life of the process. The kernel stamps packets only while some socket
// asks for it, and begins a little after the first one did; what comes in between gets the time at which it is read,
// which would look like no lag at all.
var prime = sync.OnceValue(func() error {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	raw, err := c.SyscallConn()
	if err == nil {
		err = enable(raw)
	}
	if err != nil {
		c.Close()
		return err
	}
	primer = c
	// It is a matter of a work queue of the kernel.
	time.Sleep(5 * time.Millisecond)
	return nil
})

// primer is kept from the garbage collector, which would close it.
var primer *net.UDPConn

// Take waits until bytes are there, reads them into the memory that the lender gives then, and gives the part that they
// fill. After an error that memory is returned.
func (c *Conn) Take(l Lender) ([]byte, error) {
	s := &c.source
	if s.raw == nil {
		return c.plainTake(l)
	}
	s.lender = l
	s.n, s.err, s.into = 0, nil, nil
	err := s.raw.Read(s.attempt)
	into := s.into
	s.lender, s.into = nil, nil
	if err == nil && s.err != nil {
		l.Return()
		err = c.failed(os.NewSyscallError("recvmsg", s.err))
	}
	if err != nil {
		return nil, err
	}
	if s.n == 0 {
		l.Return()
		return nil, io.EOF
	}
	c.last = Read{
		Asked: s.asked, Returned: time.Now(), Kernel: received(s.control[:s.message.Controllen]), Filled: s.n == len(into),
	}
	return into[:s.n], nil
}

// Write writes as a net.Conn does. Sent tells when the last bytes of it went to the system.
func (c *Conn) Write(p []byte) (int, error) {
	s := &c.source
	if s.raw == nil {
		return c.plainWrite(p)
	}
	s.from, s.written, s.failure = p, 0, nil
	err := s.raw.Write(s.push)
	s.from = nil
	if err == nil && s.failure != nil {
		err = &net.OpError{
			Op: "write", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("write", s.failure),
		}
	}
	return s.written, err
}

// tryWrite writes what fits without waiting; false: there is more. The time is taken before: while a small request is
// handed over, the system may already wake who gets it, and we come back late.
func (c *Conn) tryWrite(fd uintptr) bool {
	s := &c.source
	for s.written < len(s.from) {
		at := time.Now()
		n, err := syscall.Write(int(fd), s.from[s.written:])
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			s.failure = err
			return true
		default:
			s.written += n
			c.sent = at
		}
	}
	return true
}

func (c *Conn) failed(err error) error {
	return &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// received finds the software time among control messages; 0 where there is none. (The standard library's parser makes a
// list of them for each read.)
func received(control []byte) int64 {
	const stamped = syscall.SO_TIMESTAMPING // SCM_TIMESTAMPING is the same number
	for len(control) >= syscall.SizeofCmsghdr {
		h := (*syscall.Cmsghdr)(unsafe.Pointer(&control[0]))
		size := int(h.Len)
		if size < syscall.SizeofCmsghdr || size > len(control) {
			return 0
		}
		if h.Level == syscall.SOL_SOCKET && h.Type == stamped {
			return firstTime(control[syscall.CmsgLen(0):size])
		}
		// The next message stands where the space of this one ends.
		control = control[min(syscall.CmsgSpace(size-syscall.CmsgLen(0)), len(control)):]
	}
	return 0
}

// firstTime reads a timespec, whose two fields are as wide as a pointer.
func firstTime(p []byte) int64 {
	const width = int(unsafe.Sizeof(uintptr(0)))
	if len(p) < 2*width {
		return 0
	}
	if width == 4 {
		return int64(int32(binary.NativeEndian.Uint32(p)))*1e9 + int64(binary.NativeEndian.Uint32(p[4:]))
	}
	return int64(binary.NativeEndian.Uint64(p))*1e9 + int64(binary.NativeEndian.Uint64(p[8:]))
}
