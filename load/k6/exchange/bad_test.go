package exchange

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestCutInTheMiddle(t *testing.T) {
	for _, c := range []struct{ name, text, outcome, class string }{
		{"before the head", "", "error", "closed"},
		{"in the head", "HTTP/1.1 200 OK\r\nContent-", "error", "closed"},
		{"before the first token", okHead + chunk(opening), "cut-off", "closed"},
		{"between two chunks", okHead + chunk(opening+delta("a")), "cut-off", "closed"},
		{"in a chunk", okHead + chunk(opening) + "400\r\ndata: {", "cut-off", "closed"},
		{"after the end was said", okHead + chunk(opening+delta("a")+ending), "finished", "closed"},
		{"of a promised length", "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + opening + delta("a"), "cut-off", "closed"},
		{"where the close is the end", "HTTP/1.0 200 OK\r\n\r\n" + opening + delta("a") + ending, "finished", ""},
		{"where the close is the end, too early", "HTTP/1.0 200 OK\r\n\r\n" + opening + delta("a"), "unfinished", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := client(t, listen(t, func(conn net.Conn, r *http.Request, body string) bool {
				says(c.text)(conn, r, body)
				return false
			})).ask()
			expect(t, a, c.outcome, c.class)
			if c.outcome == "cut-off" && len(a.Row.Broken) > 0 {
				t.Errorf("what was cut off owes nothing: %v", a.Row.Broken)
			}
		})
	}
}

func TestReset(t *testing.T) {
	a := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		says(okHead+chunk(opening+delta("a")))(c, r, body)
		time.Sleep(20 * time.Millisecond) // until it was read: a reset takes what was not
		_ = c.(*net.TCPConn).SetLinger(0)
		return false
	})).ask()
	expect(t, a, "cut-off", "reset")
	equal(t, "tokens", a.Row.Tokens, 1)
}

func TestEndless(t *testing.T) {
	f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		says(okHead+chunk(opening))(c, r, body)
		for says(strings.Repeat(chunk(delta("x")), 500))(c, r, body) {
		}
		return false
	}), func(o *Options) { o.Bounds.Body = 1 << 20 })
	a := f.ask()
	expect(t, a, "cut-off", "too-large")
	if a.Row.Bytes < 1<<20 || a.Row.Bytes > 1<<20+readSize {
		t.Errorf("%d bytes", a.Row.Bytes)
	}
	slow := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		says(okHead+chunk(opening))(c, r, body)
		for says(chunk(delta("x")))(c, r, body) {
			time.Sleep(time.Millisecond)
		}
		return false
	}), func(o *Options) { o.Deadlines.Total = 100 * time.Millisecond })
	expect(t, slow.ask(), "cut-off", "total-timeout")
}

func TestAMegabyteInOneEvent(t *testing.T) {
	text := okHead + chunk(opening+delta(strings.Repeat("x", 1<<20))+ending) + lastChunk
	a := client(t, listen(t, says(text))).ask()
	expect(t, a, "finished", "")
	equal(t, "tokens", a.Row.Tokens, 1)
	large := client(t, listen(t, says(okHead+chunk(opening+delta(strings.Repeat("x", 9<<20))+ending)+lastChunk)),
		func(o *Options) { o.Bounds.Body = 64 << 20 })
	expect(t, large.ask(), "cut-off", "too-large")
}

func TestInterimAnswers(t *testing.T) {
	const early = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
	f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		says(early)(c, r, body)
		time.Sleep(30 * time.Millisecond)
		return says(early+finished("a"))(c, r, body)
	}))
	a := f.ask()
	expect(t, a, "finished", "")
	if a.Row.FirstByte < int64(20*time.Millisecond) {
		t.Errorf("the first byte after %v is of an interim answer", time.Duration(a.Row.FirstByte))
	}
	flood := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		for says(strings.Repeat(early, 100))(c, r, body) {
		}
		return false
	}))
	expect(t, flood.ask(), "error", "too-large")
}

func TestHeads(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, c := range []struct{ name, head, outcome, class string }{
		{"no HTTP", "SSH-2.0-OpenSSH_9.6\r\n\r\n", "error", "garbled"},
		{"two lengths", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "error", "garbled"},
		{"the same length twice", ok + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", "unfinished", ""},
		{"a protocol that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "error", "garbled"},
		{"endless headers", ok + strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 300), "error", "too-large"},
		{"one endless header", ok + "X-A: " + strings.Repeat("a", 300_000), "error", "too-large"},
		{"no size of a chunk", okHead + "zz\r\n", "cut-off", "garbled"},
		{"an endless size", okHead + strings.Repeat("0", 10_000), "cut-off", "garbled"},
		{"a chunk without an end", okHead + "3\r\nabcdef", "cut-off", "garbled"},
		{"a coding that nobody asked for", ok + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "cut-off", "garbled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			expect(t, client(t, listen(t, says(c.head))).ask(), c.outcome, c.class)
		})
	}
	a := client(t, listen(t, says("HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0\r\nX-A: 2\r\n\r\n"))).ask()
	equal(t, "duplicate headers", a.Headers["x-a"], "1, 2")
}

func TestDeadlines(t *testing.T) {
	const short = 40 * time.Millisecond
	for _, c := range []struct {
		class, text string
		set         func(d *Deadlines)
		outcome     string
	}{
		{"headers-timeout", "HTTP/1.1 200", func(d *Deadlines) { d.Headers = short }, "error"},
		{"first-token-timeout", okHead + chunk(opening), func(d *Deadlines) { d.FirstToken = short }, "cut-off"},
		{"between-timeout", okHead + chunk(opening+delta("a")), func(d *Deadlines) { d.Between = short }, "cut-off"},
		{"total-timeout", okHead + chunk(opening+delta("a")), func(d *Deadlines) { d.Total = short }, "cut-off"},
	} {
		t.Run(c.class, func(t *testing.T) {
			f := client(t, listen(t, says(c.text)), func(o *Options) { c.set(&o.Deadlines) })
			a := f.ask()
			expect(t, a, c.outcome, c.class)
			equal(t, "a row", len(f.recorder.rows), 1)
		})
	}
	f := client(t, "127.0.0.1:9", func(o *Options) { o.Deadlines.Connect = time.Nanosecond })
	expect(t, f.ask(), "error", "connect-timeout")
}

func TestRefused(t *testing.T) {
	body := `{"error":{"message":"Incorrect API key provided: ` + secret + `"}}`
	text := fmt.Sprintf("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nX-Echo: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		secret, len(body), body)
	f := client(t, listen(t, says(text)))
	a := f.ask()
	expect(t, a, "refused", "")
	equal(t, "status", a.Row.Status, 429)
	equal(t, "retry after", a.Row.RetryAfter, 7)
	stars := strings.Repeat("*", len(secret))
	equal(t, "body", a.Body, strings.ReplaceAll(body, secret, stars))
	equal(t, "header", a.Headers["x-echo"], "Bearer "+stars)
	equal(t, "broken", len(a.Row.Broken), 0)
	equal(t, "the connection is kept", f.ask().Row.Reused, true)
	long := "HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 100_000)
	a = client(t, listen(t, says(long))).ask()
	equal(t, "kept of a body", len(a.Body), keptBody)
	equal(t, "bytes", a.Row.Bytes, 100_000)
}

func TestAnAnswerBeforeTheRequestWasTaken(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		time.Sleep(30 * time.Millisecond)
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c)
		c.Close()
	}()
	a := client(t, l.Addr().String()).ask(func(a *Ask) { a.Body = make([]byte, 4<<20) })
	expect(t, a, "refused", "")
}

// TestSecretsAtACut: a part of a key is as secret as all of it.
func TestSecretsAtACut(t *testing.T) {
	for _, before := range []int{keptBody - 20, keptBody - len(secret) + 1, keptBody - 1} {
		body := strings.Repeat("x", before) + secret + "yyyy"
		a := client(t, listen(t, says(fmt.Sprintf("HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n%s", len(body), body)))).ask()
		equal(t, "kept of the body", a.Body, strings.Repeat("x", before)+strings.Repeat("*", keptBody-before))
	}
	long := secret + strings.Repeat("-and-so-on", 60)
	for _, text := range []string{okHead + long + "\r\n", "HTTP/1.1 " + long + "\r\n\r\n"} {
		a := client(t, listen(t, says(text)), func(o *Options) { o.Secrets = []string{long} }).ask()
		equal(t, "class", a.Row.Error, "garbled")
		if strings.Contains(a.Detail, secret[:10]) || len(a.Detail) > mostDetail {
			t.Error(a.Detail)
		}
	}
}

// TestSecretsInAURL: its errors do not show it.
func TestSecretsInAURL(t *testing.T) {
	for _, target := range []string{"http://u:p q@h/?key=", "http://h:port/?key=", "ftp://h/?key=", "http://h/\x7f?key="} {
		o := options("127.0.0.1:1")
		o.URL = target + secret
		if _, err := New(o, new(Budget), nil, nil); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", target, err)
		}
	}
}

func TestSecretsInErrors(t *testing.T) {
	a := client(t, listen(t, says("HTTP/1.1 "+secret+"\r\n\r\n"))).ask()
	expect(t, a, "error", "garbled")
	if strings.Contains(a.Detail, secret) {
		t.Error(a.Detail)
	}
	contains(t, "detail", a.Detail, strings.Repeat("*", len(secret)))
	other := "sk-fake-other-0123456789"
	a = client(t, listen(t, says("HTTP/1.1 "+other+"\r\n\r\n"))).ask(func(a *Ask) { a.Secrets = []string{other} })
	if strings.Contains(a.Detail, other) {
		t.Error(a.Detail)
	}
	f := client(t, listen(t, says(finished("a"))))
	a = f.ask(func(a *Ask) { a.Secrets = []string{"short"} })
	expect(t, a, "error", "other")
}
