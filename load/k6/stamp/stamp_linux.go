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
	control []byte
	// Of the read under way.
	into   []byte
	asked  time.Time
	n, oob int
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
	s := &conn.source
	s.raw = raw
	s.control = make([]byte, 256)
	s.attempt = func(fd uintptr) bool {
		for {
			s.asked = time.Now()
			s.n, s.oob, _, _, s.err = syscall.Recvmsg(int(fd), s.into, s.control, 0)
			if s.err != syscall.EINTR {
				return s.err != syscall.EAGAIN
			}
		}
	}
	return conn, nil
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

// Read reads as a net.Conn does. Last tells the times.
func (c *Conn) Read(p []byte) (int, error) {
	s := &c.source
	if s.raw == nil || len(p) == 0 {
		return c.plain(p)
	}
	s.into, s.n, s.oob, s.err = p, 0, 0, nil
	err := s.raw.Read(s.attempt)
	s.into = nil
	if err == nil && s.err != nil {
		err = c.failed(os.NewSyscallError("recvmsg", s.err))
	}
	if err != nil {
		return 0, err
	}
	if s.n == 0 {
		return 0, io.EOF
	}
	c.last = Read{Asked: s.asked, Returned: time.Now(), Kernel: received(s.control[:s.oob]), Filled: s.n == len(p)}
	return s.n, nil
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
