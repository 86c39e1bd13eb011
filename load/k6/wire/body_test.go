package wire

import (
	"bufio"
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
)

// answer is the head of an answer with this framing.
func answer(t testing.TB, head string) *http.Response {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\n"+head+"\r\n")), postRequest)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// pieces takes p in pieces, the cuts of which come from seed, and gives the body that comes out.
func pieces(b *Body, p []byte, seed uint64) (body []byte, isDone bool, failed *Error) {
	random := rand.New(rand.NewPCG(seed, 1))
	for len(p) > 0 && !b.IsDone {
		n := min(len(p), 1+random.IntN(20))
		part := append([]byte(nil), p[:n]...)
		p = p[n:]
		got, _, err := b.Take(part)
		body = append(body, got...)
		if err != nil {
			return body, false, err
		}
	}
	return body, b.IsDone, nil
}

// FuzzChunked holds our reading of the chunked framing to that of net/http: where that takes a body, ours gives the same
// bytes, however they are cut into reads.
func FuzzChunked(f *testing.F) {
	for i, text := range []string{
		"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n", "A\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n",
		"5\nhello\n0\n\n", "5 \r\nhello\r\n0\r\n\r\n", "-1\r\n", "5\r\nhelloX", "\r\n", "ffffffffffffffff\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
	} {
		f.Add([]byte(text), uint64(i))
	}
	f.Fuzz(func(t *testing.T, p []byte, seed uint64) {
		wanted, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(p)))
		var b Body
		b.Reset(answer(t, "Transfer-Encoding: chunked\r\n"))
		got, _, failed := pieces(&b, p, seed)
		if err != nil {
			// What is wrong to net/http may come later in ours, and never be taken for a whole body with other bytes.
			return
		}
		if failed != nil {
			t.Fatalf("%q: %v", p, failed)
		}
		if !bytes.Equal(got, wanted) {
			t.Fatalf("%q: %q, not %q", p, got, wanted)
		}
	})
}

func TestFramings(t *testing.T) {
	for _, c := range []struct {
		head, bytes, body string
		isDone            bool
		rest              string
	}{
		{"Content-Length: 5\r\n", "hello", "hello", true, ""},
		{"Content-Length: 5\r\n", "hell", "hell", false, ""},
		{"Content-Length: 5\r\n", "hello!", "hello", true, "!"},
		{"Content-Length: 0\r\n", "", "", true, ""},
		{"", "hello", "hello", false, ""},
		{"Transfer-Encoding: chunked\r\n", "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello", true, ""},
		{"Transfer-Encoding: chunked\r\n", "3\r\nhel\r\n2\r\nlo\r\n0\r\nX: 1\r\n\r\nHTTP", "hello", true, "HTTP"},
		{"Transfer-Encoding: chunked\r\n", "3\r\nhel\r\n2\r\nl", "hell", false, ""},
	} {
		var b Body
		b.Reset(answer(t, c.head))
		body, rest, err := b.Take([]byte(c.bytes))
		if err != nil || string(body) != c.body || b.IsDone != c.isDone || string(rest) != c.rest {
			t.Errorf("%q %q: %q, done %v, rest %q, %v", c.head, c.bytes, body, b.IsDone, rest, err)
		}
		for seed := range uint64(20) {
			b.Reset(answer(t, c.head))
			if got, isDone, err := pieces(&b, []byte(c.bytes), seed); string(got) != c.body || isDone != c.isDone || err != nil {
				t.Errorf("%q in pieces: %q, done %v, %v", c.bytes, got, isDone, err)
			}
		}
	}
}

func TestClassesOfErrors(t *testing.T) {
	var target Target
	target.Address = "name.invalid.:80"
	_, err := target.Dial(t.Context(), farAway())
	if e, ok := err.(*Error); !ok || e.Class != DNS {
		t.Errorf("%v", err)
	}
}
