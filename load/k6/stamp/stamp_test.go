package stamp

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair is a connection over loopback: the reading end is stamped.
func pair(t *testing.T) (reader *Conn, writer net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err := net.Dial("tcp4", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	writer, err = listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { writer.Close(); dialled.Close() })
	reader, err = Wrap(dialled.(*net.TCPConn))
	if Supported && err != nil {
		t.Fatal(err)
	}
	if !Supported && err == nil {
		t.Fatal("a system without kernel times says why")
	}
	return reader, writer
}

func send(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

// receive reads once.
func receive(t *testing.T, r *Conn, room int) (string, Read) {
	t.Helper()
	buf := make([]byte, room)
	n, err := r.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n]), r.Last()
}

const late = 25 * time.Millisecond

func needKernel(t *testing.T) {
	t.Helper()
	if !Supported {
		t.Skip("no kernel times on this system")
	}
}

// All that is asserted follows from the order of events; nothing is asserted of how long anything takes but that a
// sleep takes at least its time. The real-time clock must not be set while the test runs.
func TestStampIsOfTheArrivalNotOfTheRead(t *testing.T) {
	needKernel(t)
	r, w := pair(t)
	// On loopback bytes are as a rule at the receiver when the send returns; a busy kernel may put that off.
	for try := 1; ; try++ {
		before := time.Now().UnixNano()
		send(t, w, "a")
		sent := time.Now().UnixNano()
		time.Sleep(late)
		_, read := receive(t, r, 10)
		if read.Filled || read.Returned.Before(read.Asked) || read.Kernel < before || read.Kernel > read.Returned.UnixNano() {
			t.Fatalf("sent at %d: %+v", before, read)
		}
		if read.Kernel <= sent {
			if lag := read.Returned.UnixNano() - read.Kernel; lag < int64(late) {
				t.Fatalf("read %d ns after it came, asleep for %d", lag, late)
			}
			return
		}
		if try == 10 {
			t.Fatalf("sent in [%d, %d], stamped %d", before, sent, read.Kernel)
		}
	}
}

func TestTwoSendsReadLateHaveTheTimeOfTheSecond(t *testing.T) {
	needKernel(t)
	r, w := pair(t)
	send(t, w, "a")
	time.Sleep(late)
	second := time.Now().UnixNano()
	send(t, w, "b")
	time.Sleep(late)
	text, read := receive(t, r, 10)
	if text != "ab" {
		t.Fatalf("one read takes all that is there, not %q", text)
	}
	if read.Kernel < second {
		t.Errorf("the second was sent at %d, stamped %d", second, read.Kernel)
	}
}

func TestTwoSendsReadInTimeHaveTheirOwn(t *testing.T) {
	needKernel(t)
	r, w := pair(t)
	send(t, w, "a")
	_, first := receive(t, r, 10)
	time.Sleep(late)
	send(t, w, "b")
	_, second := receive(t, r, 10)
	if gap := second.Kernel - first.Kernel; gap < int64(late) {
		t.Errorf("%d ns between the two, at least %d apart", gap, late)
	}
}

func TestReadsAsAConnDoes(t *testing.T) {
	r, w := pair(t)
	send(t, w, "abc")
	if text, read := receive(t, r, 2); text != "ab" || !read.Filled {
		t.Errorf("%q, %+v", text, read)
	}
	if n, err := r.Read(nil); n != 0 || err != nil {
		t.Errorf("no room: %d, %v", n, err)
	}
	if text, _ := receive(t, r, 2); text != "c" {
		t.Errorf("%q", text)
	}
	if err := r.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("past the deadline: %v", err)
	}
	if err := r.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := r.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("closed by the other side: %v", err)
	}
	r.Close()
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed by us: %v", err)
	}
}

func TestResetIsAnErrorOfTheConnection(t *testing.T) {
	r, w := pair(t)
	if err := w.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	w.Close()
	_, err := r.Read(make([]byte, 1))
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "read" {
		t.Errorf("%v", err)
	}
}

func TestCloseEndsARead(t *testing.T) {
	r, _ := pair(t)
	ended := make(chan error, 1)
	go func() {
		_, err := r.Read(make([]byte, 1))
		ended <- err
	}()
	r.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}

func TestNoAllocationsForARead(t *testing.T) {
	needKernel(t)
	r, w := pair(t)
	buf, out := make([]byte, 10), []byte("a")
	if n := testing.AllocsPerRun(100, func() {
		w.Write(out)
		r.Read(buf)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
