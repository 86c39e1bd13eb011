package exchange

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"assay/load/k6/rows"
)

const wholeHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"

// TestAStreamThatIsLeftOpen: it said its end, so it is finished, and what comes after is neither waited for nor counted;
// that its body did not end is told, and what it owed at its end is asked for.
func TestAStreamThatIsLeftOpen(t *testing.T) {
	const short = 50 * time.Millisecond
	noFinish := "data: [DONE]\n\n"
	for _, c := range []struct{ name, text, outcome, rule string }{
		{"after its end", okHead + chunk(opening+delta("a")+ending), "finished", ""},
		{"after an end that came too early", okHead + chunk(opening+delta("a")+noFinish), "finished", "openai-chat/grammar/finish-missing"},
		{"after an error", okHead + chunk(opening+`data: {"error":{"message":"x"}}`+"\n\n"), "failed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := client(t, listen(t, func(conn net.Conn, r *http.Request, body string) bool {
				says(c.text)(conn, r, body)
				// Comments are no sign of life.
				for says(chunk(": still here\n\n"))(conn, r, body) {
					time.Sleep(short / 5)
				}
				return false
			}), func(o *Options) { o.Deadlines.Between = short })
			a := f.ask()
			expect(t, a, c.outcome, "between-timeout")
			contains(t, "detail", a.Detail, "left open")
			if c.rule == "" && len(a.Row.Broken) > 0 || c.rule != "" && !slices.Contains(a.Row.Broken, c.rule) {
				t.Errorf("broken: %v", a.Row.Broken)
			}
		})
	}
	// Without the deadline between reads there is one of its own.
	began := time.Now()
	a := client(t, listen(t, says(okHead+chunk(opening+delta("a")+ending)))).ask()
	expect(t, a, "finished", "between-timeout")
	if took := time.Since(began); took < openEnd {
		t.Errorf("it took %v", took)
	}
	if a.Row.EndToEnd > int64(openEnd) {
		t.Errorf("the wait is counted: %v", time.Duration(a.Row.EndToEnd))
	}
}

// TestRaw: a protocol without a word for the end is finished when its bytes end in order.
func TestRaw(t *testing.T) {
	raw := func(o *Options) { o.Dialect, o.Grammar = "raw", "" }
	expect(t, client(t, listen(t, says(finished("a"))), raw).ask(), "finished", "")
	expect(t, client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		says(okHead+chunk(opening))(c, r, body)
		return false
	}), raw).ask(), "cut-off", "closed")
}

// TestWholeAnswersHaveNoGaps: the time between two reads of an answer that is no stream is nobody's inter-chunk latency.
func TestWholeAnswersHaveNoGaps(t *testing.T) {
	for _, head := range []string{wholeHead, "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n"} {
		for _, isStream := range []bool{true, false} {
			if isStream && head == wholeHead {
				continue
			}
			f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
				says(head+chunk(`{"choices":`))(c, r, body)
				time.Sleep(10 * time.Millisecond)
				return says(chunk(`[]}`)+lastChunk)(c, r, body)
			}))
			a := f.ask(func(a *Ask) {
				a.Stream = isStream
				a.EachGap = func(int64, int32) { t.Error("a gap") }
			})
			if a.Row.Chunks != 2 {
				t.Skipf("%d reads", a.Row.Chunks)
			}
			if us, isSome := f.recorder.file.Quantile("icl", "main", 1); isSome {
				t.Errorf("a gap of %d µs", us)
			}
		}
	}
}

// TestAnInterimAnswerInTwoReads: neither of them has the first byte.
func TestAnInterimAnswerInTwoReads(t *testing.T) {
	const wait = 30 * time.Millisecond
	f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		says("HTTP/1.1 103 Early Hints\r\nLink:")(c, r, body)
		time.Sleep(wait)
		return says(" </x>\r\n\r\n"+finished("a"))(c, r, body)
	}))
	a := f.ask()
	expect(t, a, "finished", "")
	if a.Row.FirstByte < int64(wait) {
		t.Errorf("first byte after %v", time.Duration(a.Row.FirstByte))
	}
}

func TestNoBodyWhateverTheHeadersSay(t *testing.T) {
	f := client(t, listen(t, says("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n")), func(o *Options) {
		o.Deadlines.Total = 3 * time.Second
	})
	expect(t, f.ask(), "unfinished", "")
	equal(t, "the connection is kept", f.ask().Row.Reused, true)
}

// TestConnectionsThatAreNotKept: what was asked to be closed, and what has bytes that nobody asked for.
func TestConnectionsThatAreNotKept(t *testing.T) {
	f := client(t, listen(t, says(finished("a"))), func(o *Options) { o.Headers["connection"] = "Keep-Alive, Close" })
	expect(t, f.ask(), "finished", "")
	equal(t, "after close", f.ask().Row.Reused, false)
	f = client(t, listen(t, says(finished("a")+"HTTP/1.1 200 OK\r\n")))
	expect(t, f.ask(), "finished", "")
	equal(t, "with bytes behind the answer", f.ask().Row.Reused, false)
	f = client(t, listen(t, says("HTTP/1.1 200 OK\r\nKeep-Alive: max=9, timeout=0\r\n"+finished("a")[len("HTTP/1.1 200 OK\r\n"):])))
	expect(t, f.ask(), "finished", "")
	equal(t, "that is not kept there", f.ask().Row.Reused, false)
}

// TestAnAnswerBeforeItsRequest: a time to first byte of 0 would hide that it did not wait.
func TestAnAnswerBeforeItsRequest(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	const wait = 50 * time.Millisecond
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		_, _ = io.WriteString(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
		time.Sleep(wait)
		_, _ = io.Copy(io.Discard, c)
	}()
	f := client(t, l.Addr().String())
	a := f.ask(func(a *Ask) { a.Body = make([]byte, 16<<20) })
	expect(t, a, "refused", "")
	if a.Row.Stamped == 0 {
		t.Skip("this system gives no receive times")
	}
	equal(t, "time to first byte", a.Row.FirstByte, 0)
	// It may have come before we knew that we were connected.
	if a.Row.Early < int64(wait)/2 || a.Row.Early > a.Row.Connect+a.Row.Write {
		t.Errorf("early by %v, sent in %v", time.Duration(a.Row.Early), time.Duration(a.Row.Write))
	}
	equal(t, "as a rule", client(t, listen(t, says(finished("a")))).ask().Row.Early, rows.Unknown)
}

// TestAToolsInputOfAWholeAnswer: it is an object, in which a nonce may stand as in a text.
func TestAToolsInputOfAWholeAnswer(t *testing.T) {
	for word, want := range map[string]string{nonce1: "back", nonce2: "foreign", "x": "missing"} {
		message := fmt.Sprintf(`{"type":"message","content":[{"type":"tool_use","id":"x","name":"f","input":{"word":%q}}],`+
			`"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":2}}`, word)
		f := client(t, listen(t, says(wholeHead+chunk(message)+lastChunk)), func(o *Options) {
			o.Dialect, o.Grammar = "anthropic-messages", ""
		})
		a := f.ask(func(a *Ask) { a.Stream, a.Nonce = false, nonce1 })
		expect(t, a, "finished", "")
		equal(t, word, a.Row.Nonce, want)
	}
}
