//go:build unix

package wire

import "syscall"

// isQuiet tells whether the connection is open and nothing has come that nobody asked for: then a request may be sent.
func (c *Conn) isQuiet() bool {
	if c.more {
		return false
	}
	tcp, isRaw := c.stamped.Conn.(syscall.Conn)
	if !isRaw {
		return true
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false
	}
	isQuiet := false
	var one [1]byte
	err = raw.Read(func(fd uintptr) bool {
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		isQuiet = err == syscall.EAGAIN
		return true
	})
	return err == nil && isQuiet
}
