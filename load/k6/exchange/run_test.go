package exchange

import (
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"assay/load/k6/rows"
)

// TestDrain: what is under way when a run ends may finish; what would take longer is cut, and has its row.
func TestDrain(t *testing.T) {
	begun := make(chan struct{}, 2)
	f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		says(okHead+chunk(opening+delta("a")))(c, r, body)
		begun <- struct{}{}
		if body == `"slow"` {
			var one [1]byte
			_, _ = c.Read(one[:])
			return false
		}
		time.Sleep(60 * time.Millisecond)
		return says(chunk(ending)+lastChunk)(c, r, body)
	}), func(o *Options) { o.Deadlines.Drain = 250 * time.Millisecond })
	answers := make([]*Answer, 2)
	var all sync.WaitGroup
	for i, body := range []string{`"fast"`, `"slow"`} {
		all.Go(func() { answers[i] = f.ask(func(a *Ask) { a.Body = []byte(body) }) })
	}
	<-begun
	<-begun
	f.stop()
	all.Wait()
	expect(t, answers[0], "finished", "")
	expect(t, answers[1], "stopped", "stopped")
	equal(t, "tokens of the one that was cut", answers[1].Row.Tokens, 1)
	equal(t, "rows", len(f.recorder.rows), 2)
	// And nothing begins any more.
	a := f.ask()
	expect(t, a, "stopped", "stopped")
	equal(t, "time to connect", a.Row.Connect, rows.Unknown)
}

func TestDrainWhileConnecting(t *testing.T) {
	// Connected by the kernel, and never taken.
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f := client(t, l.Addr().String(), func(o *Options) {
		o.URL = "https://" + l.Addr().String()
		o.Deadlines.Drain = time.Millisecond
	})
	time.AfterFunc(20*time.Millisecond, f.stop)
	expect(t, f.ask(), "stopped", "stopped")
}

// TestDrainWhileSending: a request that is not taken ends with the drain too.
func TestDrainWhileSending(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f := client(t, l.Addr().String(), func(o *Options) {
		o.Deadlines.Drain, o.Deadlines.Headers = time.Millisecond, time.Minute
	})
	time.AfterFunc(30*time.Millisecond, f.stop)
	expect(t, f.ask(func(a *Ask) { a.Body = make([]byte, 16<<20) }), "stopped", "stopped")
	f = client(t, l.Addr().String(), func(o *Options) { o.Deadlines.Headers = 30 * time.Millisecond })
	expect(t, f.ask(func(a *Ask) { a.Body = make([]byte, 16<<20) }), "error", "headers-timeout")
}

func TestCaps(t *testing.T) {
	address := listen(t, says(finished("a")))
	f := client(t, address, func(o *Options) { o.Caps = Caps{Requests: 2} })
	expect(t, f.ask(), "finished", "")
	expect(t, f.ask(), "finished", "")
	a := f.ask()
	expect(t, a, "error", "capped")
	contains(t, "detail", a.Detail, "2 requests")
	equal(t, "started", a.Row.Connect, rows.Unknown)

	f = client(t, address, func(o *Options) { o.Caps = Caps{Tokens: 100} })
	of := func(prompt, most int64) func(a *Ask) {
		return func(a *Ask) { a.PromptTokens, a.MaxTokens = prompt, most }
	}
	expect(t, f.ask(of(10, 50)), "finished", "")
	expect(t, f.ask(of(10, 31)), "error", "capped")
	// What was refused cost nothing.
	expect(t, f.ask(of(10, 30)), "finished", "")
	expect(t, f.ask(of(1, rows.Unknown)), "error", "capped")
}

func TestCapsHoldOverAll(t *testing.T) {
	f := client(t, listen(t, says(finished("a"))), func(o *Options) { o.Caps = Caps{Requests: 10} })
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() { f.ask() })
	}
	all.Wait()
	done := 0
	for _, r := range f.recorder.rows {
		if r.Outcome == "finished" {
			done++
		}
	}
	equal(t, "finished", done, 10)
	equal(t, "rows", len(f.recorder.rows), 40)
}

func TestWholeAnswers(t *testing.T) {
	const reply = `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",` +
		`"content":"` + nonce1 + `"},"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":2,` +
		`"completion_tokens_details":{"reasoning_tokens":1}}}`
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	whole := func(a *Ask) { a.Stream, a.Nonce, a.KeepText = false, nonce1, true }
	a := client(t, listen(t, says(head+chunk(reply[:40])+chunk(reply[40:])+lastChunk))).ask(whole)
	expect(t, a, "finished", "")
	r := a.Row
	equal(t, "usage", [3]int64{r.PromptTokens, r.CompletionTokens, r.ReasoningTokens}, [3]int64{3, 2, 1})
	equal(t, "finish", r.Finish, "length")
	equal(t, "nonce", r.Nonce, "back")
	equal(t, "text", a.Text, nonce1)
	equal(t, "time to first token", r.FirstToken.High, rows.Unknown)
	equal(t, "tokens", r.Tokens, 0)
	if r.EndToEnd == rows.Unknown || r.FirstByte == rows.Unknown {
		t.Errorf("no times: %+v", r)
	}
	for _, c := range []struct{ name, text, outcome, class string }{
		{"an error with status 200", head + chunk(`{"error":{"message":"x"}}`) + lastChunk, "failed", ""},
		{"nothing of an answer", head + chunk(`{}`) + lastChunk, "failed", ""},
		{"no JSON", head + chunk(`<html>`) + lastChunk, "failed", "garbled"},
		{"cut off", head + chunk(reply[:40]), "cut-off", "closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := client(t, listen(t, func(conn net.Conn, r *http.Request, body string) bool {
				says(c.text)(conn, r, body)
				return false
			})).ask(whole)
			expect(t, a, c.outcome, c.class)
		})
	}
	message := `{"type":"message","content":[{"type":"text","text":"` + nonce2 + `"}],"stop_reason":"end_turn",` +
		`"usage":{"input_tokens":3,"output_tokens":2}}`
	anthropic := func(o *Options) { o.Dialect, o.Grammar = "anthropic-messages", "" }
	a = client(t, listen(t, says(head+chunk(message)+lastChunk)), anthropic).ask(whole)
	expect(t, a, "finished", "")
	equal(t, "nonce", a.Row.Nonce, "foreign")
	equal(t, "finish", a.Row.Finish, "end_turn")
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(o *Options)
	}{
		{"no scheme", func(o *Options) { o.URL = "127.0.0.1:1" }},
		{"no host", func(o *Options) { o.URL = "http://" }},
		{"a dialect that there is not", func(o *Options) { o.Dialect = "x" }},
		{"a grammar that is none", func(o *Options) { o.Grammar = "{}" }},
		{"a header that cannot be sent", func(o *Options) { o.Headers["x"] = "a\nb" }},
		{"a header's name that cannot be", func(o *Options) { o.Headers["a b"] = "x" }},
		{"a length of their own", func(o *Options) { o.Headers["content-length"] = "1" }},
		{"a secret that cannot be masked", func(o *Options) { o.Secrets = []string{"1234567"} }},
		{"no certificate", func(o *Options) { o.URL = "https://127.0.0.1"; o.CA = "x" }},
	} {
		o := options("127.0.0.1:1")
		c.change(&o)
		if _, err := New(o, new(Budget), nil, nil); err == nil {
			t.Errorf("%s: taken", c.name)
		}
	}
}
