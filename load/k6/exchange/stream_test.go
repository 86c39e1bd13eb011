package exchange

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"assay/load/k6/rows"
)

func TestAStream(t *testing.T) {
	f := client(t, listen(t, says(finished("a", "b", "c"))))
	a := f.ask(func(a *Ask) { a.KeepText = true })
	expect(t, a, "finished", "")
	r := a.Row
	equal(t, "status", r.Status, 200)
	equal(t, "tokens", r.Tokens, 3)
	equal(t, "usage", [2]int64{r.PromptTokens, r.CompletionTokens}, [2]int64{7, 3})
	equal(t, "finish", r.Finish, "stop")
	equal(t, "events", r.Events, 7)
	equal(t, "broken", len(r.Broken), 0)
	equal(t, "text", a.Text, "abc")
	equal(t, "reused", r.Reused, false)
	equal(t, "bytes", r.Bytes, int64(len(opening+delta("a")+delta("b")+delta("c")+ending)))
	if r.FirstToken.High < r.FirstByte || r.EndToEnd < r.FirstToken.High || r.FirstByte < 0 || r.Write <= 0 || r.Connect <= 0 {
		t.Errorf("times out of order: %+v", r)
	}
	again := f.ask()
	expect(t, again, "finished", "")
	equal(t, "reused", again.Row.Reused, true)
	equal(t, "time to connect", again.Row.Connect, 0)
	equal(t, "id", again.Row.ID, r.ID+1)
	equal(t, "rows", len(f.recorder.rows), 2)
	equal(t, "tally", [2]int64{f.tally.Started.Load(), f.tally.Ended.Load()}, [2]int64{2, 2})
}

func TestWhatIsSent(t *testing.T) {
	requests, texts := make(chan *http.Request, 1), make(chan string, 1)
	f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		requests <- r
		texts <- body
		return says(finished("a"))(c, r, body)
	}))
	f.ask(func(a *Ask) { a.Headers = map[string]string{"x-request": "1", "authorization": "Bearer other"} })
	got, text := <-requests, <-texts
	equal(t, "body", text, `{"model":"m"}`)
	equal(t, "length", got.ContentLength, int64(len(text)))
	equal(t, "path", got.URL.Path, "/v1/chat/completions")
	equal(t, "header", got.Header.Get("X-Request"), "1")
	equal(t, "the request's header over the client's", strings.Join(got.Header["Authorization"], ","), "Bearer other")
}

func TestEveryByteInAReadOfItsOwn(t *testing.T) {
	f := client(t, listen(t, func(c net.Conn, _ *http.Request, _ string) bool {
		for _, b := range []byte(finished("a", "b")) {
			if _, err := c.Write([]byte{b}); err != nil {
				return false
			}
		}
		return true
	}))
	a := f.ask()
	expect(t, a, "finished", "")
	equal(t, "tokens", a.Row.Tokens, 2)
	equal(t, "broken", len(a.Row.Broken), 0)
}

func TestCoalescedTokens(t *testing.T) {
	f := client(t, listen(t, says(finished("a", "b", "c"))))
	a := f.ask()
	// It was written at once, and came in one read, or in few.
	if a.Row.Chunks > 2 || a.Row.CoalescedTokens < 2 {
		t.Errorf("%d chunks, %d coalesced tokens", a.Row.Chunks, a.Row.CoalescedTokens)
	}
	equal(t, "tally", f.tally.CoalescedChunks.Load(), a.Row.CoalescedChunks)
}

func TestABrokenGrammar(t *testing.T) {
	text := okHead + chunk(opening+delta("a")+"data: {\n\n"+ending) + lastChunk
	f := client(t, listen(t, says(text)))
	a := f.ask()
	expect(t, a, "finished", "")
	if !slices.Contains(a.Row.Broken, "openai-chat/grammar/data-not-json") {
		t.Errorf("broken: %v", a.Row.Broken)
	}
	unended := okHead + chunk(opening+delta("a")+strings.TrimSuffix(ending, "\n")) + lastChunk
	a = client(t, listen(t, says(unended))).ask()
	expect(t, a, "unfinished", "")
	if !slices.Contains(a.Row.Broken, "sse/unterminated") {
		t.Errorf("broken: %v", a.Row.Broken)
	}
}

func TestAnErrorInTheStream(t *testing.T) {
	text := okHead + chunk(opening+delta("a")+`data: {"error":{"message":"x","type":"server_error"}}`+"\n\n") + lastChunk
	expect(t, client(t, listen(t, says(text))).ask(), "failed", "")
}

func TestNonces(t *testing.T) {
	cut := func(text string) []string { return strings.Split(text, "|") }
	for _, c := range []struct {
		name, want string
		tokens     []string
	}{
		{"whole", "back", []string{nonce1}},
		{"over many tokens", "back", cut("as|say: assa|y-0123|4567-0000|000a, and so on")},
		{"twice", "back", []string{nonce1 + nonce1}},
		{"none", "missing", []string{"no"}},
		{"half", "missing", []string{nonce1[:20]}},
		{"of another run", "missing", []string{"assay-76543210-0000000a"}},
		{"of another", "foreign", cut("assay-01234567-00|00000b")},
		{"both", "foreign", []string{nonce1 + " " + nonce2}},
		{"no hexadecimal digits", "missing", []string{"assay-01234567-0000000g"}},
		{"right behind a beginning", "back", cut("assay-01234567-0000|assay-01234567-0000000a")},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := client(t, listen(t, says(finished(c.tokens...)))).ask(func(a *Ask) { a.Nonce = nonce1 })
			equal(t, "nonce", a.Row.Nonce, c.want)
			if c.want == "foreign" {
				equal(t, "foreign", a.Foreign, nonce2)
			}
		})
	}
	a := client(t, listen(t, says(finished("x")))).ask()
	equal(t, "none sent", a.Row.Nonce, "")
	cutOff := client(t, listen(t, says(okHead+chunk(opening))), func(o *Options) {
		o.Deadlines.FirstToken = 30 * time.Millisecond
	})
	equal(t, "not finished", cutOff.ask(func(a *Ask) { a.Nonce = nonce1 }).Row.Nonce, "")
}

func TestCancelAfterTokens(t *testing.T) {
	left := make(chan bool, 1)
	f := client(t, listen(t, func(c net.Conn, _ *http.Request, _ string) bool {
		text := okHead + chunk(opening)
		for {
			if _, err := c.Write([]byte(text)); err != nil {
				left <- true
				return false
			}
			text = chunk(delta("x"))
			time.Sleep(time.Millisecond)
		}
	}))
	a := f.ask(func(a *Ask) { a.CancelTokens = 3 })
	expect(t, a, "hung-up", "")
	equal(t, "cancel", a.Row.Cancel, "tokens")
	if a.Row.Tokens < 3 || a.Row.Tokens > 6 {
		t.Errorf("%d tokens", a.Row.Tokens)
	}
	<-left
	equal(t, "broken", len(a.Row.Broken), 0)
}

func TestCancelAfterTime(t *testing.T) {
	f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
		says(okHead+chunk(opening+delta("x")))(c, r, body)
		var one [1]byte
		_, _ = c.Read(one[:])
		return false
	}))
	a := f.ask(func(a *Ask) { a.CancelAfter = 20 * time.Millisecond })
	expect(t, a, "hung-up", "")
	equal(t, "cancel", a.Row.Cancel, "ms")
	// Who is done in time is not left.
	a = client(t, listen(t, says(finished("a")))).ask(func(a *Ask) { a.CancelAfter = 10 * time.Second; a.CancelTokens = 9 })
	expect(t, a, "finished", "")
	equal(t, "cancel", a.Row.Cancel, "")
}

// TestAStalledReaderSeesItself: a reader that sleeps for 50 ms has a lag of that, and the gaps between tokens are those of
// their arrival. On a machine that is busy with other things any one try may be late for them.
func TestAStalledReaderSeesItself(t *testing.T) {
	const stall, tries = 50 * time.Millisecond, 10
	var told string
	for range tries {
		f := client(t, listen(t, func(c net.Conn, r *http.Request, body string) bool {
			says(okHead+chunk(opening+delta("x")))(c, r, body)
			time.Sleep(2 * time.Millisecond)
			// What comes while the reader sleeps, and what comes long after.
			says(chunk(delta("y")))(c, r, body)
			time.Sleep(2 * stall)
			return says(chunk(delta("z")+ending)+lastChunk)(c, r, body)
		}))
		a := f.ask(func(a *Ask) { a.Stall = stall })
		expect(t, a, "finished", "")
		if a.Row.Stamped == 0 {
			t.Skip("this system gives no receive times")
		}
		if a.Row.Lag < 0 || a.Row.Stall.High < int64(2*stall) {
			t.Fatalf("%+v", a.Row)
		}
		shortest, _ := f.recorder.file.Quantile("itl", "main", 0)
		told = fmt.Sprintf("lag %v, shortest gap %d µs, longest %v", time.Duration(a.Row.Lag), shortest, time.Duration(a.Row.Stall.High))
		if a.Row.Lag > int64(40*time.Millisecond) && a.Row.Lag < int64(60*time.Millisecond) && shortest < 20_000 &&
			a.Row.Stall.High < int64(3*stall) {
			return
		}
	}
	t.Errorf("in %d tries: %s", tries, told)
}

func TestAnUnknownPhaseHasNoGaps(t *testing.T) {
	f := client(t, listen(t, says(finished("a", "b"))))
	f.ask()
	if _, isSome := f.recorder.file.Quantile("itl", "none", 0.5); isSome {
		t.Error("it has")
	}
}

func TestGapsAreTold(t *testing.T) {
	f := client(t, listen(t, says(finished("a", "b", "c"))))
	tokens, chunks := int32(0), int64(0)
	a := f.ask(func(a *Ask) {
		a.EachGap = func(gap int64, n int32) {
			if gap < 0 {
				t.Errorf("a gap of %d", gap)
			}
			if n == 0 {
				chunks++
			}
			tokens += n
		}
	})
	equal(t, "tokens after the first", int64(tokens), a.Row.Tokens-1)
	equal(t, "chunks after the first", chunks, a.Row.Chunks-1)
	if a.FirstChunk == rows.Unknown {
		t.Error("no first chunk")
	}
}
