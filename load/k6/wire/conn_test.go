package wire

import (
	"bytes"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// lender lends one piece of memory.
type lender struct{ p []byte }

func (l *lender) Lend() []byte { return l.p }
func (l *lender) Return()      {}

// TestTLSReadsThatLeaveSomething: records that lie in the system when a read is made, and do not come with it, were there
// before the next read was thought to begin: the read says so.
func TestTLSReadsThatLeaveSomething(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	config := server.TLS.Clone()
	server.Close()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const records, size = 60, 400
	written := make(chan error, 1)
	go func() {
		plain, err := l.Accept()
		if err != nil {
			written <- err
			return
		}
		c := tls.Server(plain, config)
		for range records {
			if _, err = c.Write(bytes.Repeat([]byte{'x'}, size)); err != nil {
				break
			}
		}
		written <- err
	}()
	target := Target{Address: l.Addr().String(), TLS: &tls.Config{InsecureSkipVerify: true}}
	c, err := target.Dial(t.Context(), farAway())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond) // all of it is here
	room := &lender{make([]byte, 16<<10)}
	for got := 0; got < records*size; {
		p, read, err := c.Take(room)
		if err != nil {
			t.Fatal(err)
		}
		got += len(p)
		if isLast := got == records*size; !isLast && !read.Filled {
			t.Fatalf("%d of %d bytes, and none left", got, records*size)
		}
	}
}
