package exchange

import (
	"net"
	"net/http"
	"testing"
	"time"

	"assay/load/k6/rows"
)

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	a := client(t, address).ask()
	expect(t, a, "error", "connect-refused")
	equal(t, "status", a.Row.Status, rows.Unknown)
	equal(t, "time to first byte", a.Row.FirstByte, rows.Unknown)
}

func TestAGatewayThatDiesAndComesBack(t *testing.T) {
	open := make(chan net.Conn, 1)
	l := serveOn(t, "127.0.0.1:0", func(c net.Conn, r *http.Request, body string) bool {
		open <- c
		return says(finished("a"))(c, r, body)
	})
	address := l.Addr().String()
	f := client(t, address)
	expect(t, f.ask(), "finished", "")
	l.Close()
	(<-open).Close()
	time.Sleep(5 * time.Millisecond)
	a := f.ask()
	expect(t, a, "error", "connect-refused")
	serveOn(t, address, says(finished("a")))
	expect(t, f.ask(), "finished", "")
}

func TestAKeptConnectionThatDiesUnderARequest(t *testing.T) {
	first := true
	f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		if first {
			first = false
			return says(finished("a"))(c, r, body)
		}
		return false
	}))
	expect(t, f.ask(), "finished", "")
	a := f.ask()
	// Nothing is asked twice behind the back of who counts requests.
	expect(t, a, "error", "closed")
	equal(t, "reused", a.Row.Reused, true)
}
