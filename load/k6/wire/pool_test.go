package wire

import (
	"net"
	"testing"
	"time"
)

func farAway() time.Time { return time.Now().Add(5 * time.Second) }

// TestPool: who was used last is used next, and who was closed meanwhile, or speaks unasked, is not.
func TestPool(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := NewPool(Target{Address: l.Addr().String()})
	defer p.Close()
	open := func() (*Conn, net.Conn) {
		t.Helper()
		c, err := p.Get(t.Context(), farAway())
		if err != nil {
			t.Fatal(err)
		}
		other, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { other.Close() })
		return c, other
	}
	get := func() *Conn {
		t.Helper()
		c, err := p.Get(t.Context(), farAway())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	first, _ := open()
	second, closed := open()
	third, talker := open()
	p.Put(first, mostIdle)
	p.Put(second, mostIdle)
	if get() != second {
		t.Error("not the one that was used last")
	}
	p.Put(second, mostIdle)
	p.Put(third, mostIdle)
	closed.Close()
	if _, err := talker.Write([]byte("HTTP/1.1 408 Request Timeout\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	time.Sleep(10 * time.Millisecond)
	if get() != first {
		t.Error("one that is closed, or has bytes that nobody asked for")
	}
	// One that is too old is not used, and does not lie there until the end.
	fourth, other := open()
	p.Put(first, 0)
	p.Put(fourth, mostIdle)
	if len(p.idle) != 1 || get() != fourth {
		t.Errorf("%d are kept", len(p.idle))
	}
	p.Put(fourth, 0)
	fifth, _ := open()
	if fifth == fourth {
		t.Error("one that is too old")
	}
	if _, err := other.Read(make([]byte, 1)); err == nil {
		t.Error("it is open")
	}
}

func TestIdleTime(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": mostIdle, "timeout=5": 4 * time.Second, "max=100, Timeout=2": time.Second, "timeout=1": 500 * time.Millisecond,
		"timeout=0": 0, "timeout=600": mostIdle, "timeout=-1": mostIdle, "timeout": mostIdle, "timeout=99999999999": mostIdle,
	} {
		if got := IdleTime(answer(t, "Keep-Alive: "+value+"\r\n")); got != want {
			t.Errorf("%q: %v, not %v", value, got, want)
		}
	}
}
