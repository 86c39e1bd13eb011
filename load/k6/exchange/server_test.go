package exchange

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"assay/load/k6/clock"
	"assay/load/k6/internal/reference"
	"assay/load/k6/rows"
	"assay/load/k6/self"
)

const (
	okHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
	nonce1 = "assay-01234567-0000000a"
	nonce2 = "assay-01234567-0000000b"
	secret = "sk-fake-0123456789abcdef"
)

// delta is an event with one token.
func delta(text string) string {
	return fmt.Sprintf(`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,`+
		`"delta":{"content":%q},"finish_reason":null}]}`, text) + "\n\n"
}

const (
	opening = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,` +
		`"delta":{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n"
	ending = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,` +
		`"delta":{},"finish_reason":"stop"}]}` + "\n\n" +
		`data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],` +
		`"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}` + "\n\n" + "data: [DONE]\n\n"
)

// chunk is a text in the chunked framing.
func chunk(text string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(text), text) }

const lastChunk = "0\r\n\r\n"

func finished(tokens ...string) string {
	text := okHead + chunk(opening)
	for _, t := range tokens {
		text += chunk(delta(t))
	}
	return text + chunk(ending) + lastChunk
}

// answers is a server over raw sockets: each request is read whole, then answer writes what it likes. It returns true to
// take another request on the connection.
type answers func(c net.Conn, r *http.Request, body string) (keep bool)

// says writes a text and keeps the connection.
func says(text string) answers {
	return func(c net.Conn, _ *http.Request, _ string) bool {
		_, err := io.WriteString(c, text)
		return err == nil
	}
}

// listen runs a server until the test ends, and gives its address.
func listen(t *testing.T, answer answers) string {
	t.Helper()
	return serveOn(t, "127.0.0.1:0", answer).Addr().String()
}

func serveOn(t *testing.T, address string, answer answers) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(func() { l.Close(); stop(); all.Wait() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer c.Close()
				defer context.AfterFunc(ctx, func() { c.Close() })()
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				in := bufio.NewReader(c)
				for {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					body, err := io.ReadAll(r.Body)
					if err != nil || !answer(c, r, string(body)) {
						return
					}
				}
			})
		}
	})
	return l
}

// recorder keeps rows.
type recorder struct {
	lock sync.Mutex
	rows []rows.Row
	file *rows.File
}

func (r *recorder) Row(row *rows.Row) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.rows = append(r.rows, *row)
}

func (r *recorder) Histograms(phase, model string, now int64) *rows.Histograms {
	return r.file.Histograms(phase, model, now)
}

// fixture is a client and what it leaves behind.
type fixture struct {
	*Client
	recorder *recorder
	stopper  *Stopper
	stop     context.CancelFunc
	tally    self.Tally
}

func options(address string) Options {
	return Options{
		URL: "http://" + address + "/v1/chat/completions", Dialect: "openai-chat", Secrets: []string{secret},
		Headers: map[string]string{"Authorization": "Bearer " + secret, "Content-Type": "application/json"},
		Deadlines: Deadlines{
			Connect: 5 * time.Second, Headers: 5 * time.Second, FirstToken: 5 * time.Second, Between: 5 * time.Second,
			Total: 15 * time.Second, Drain: 5 * time.Second,
		},
		Bounds: Bounds{Body: 8 << 20},
	}
}

func grammarText(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(reference.Root + "/schemas/openai-chat/grammar.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func client(t *testing.T, address string, change ...func(o *Options)) *fixture {
	t.Helper()
	o := options(address)
	o.Grammar = grammarText(t)
	for _, c := range change {
		c(&o)
	}
	file, err := rows.Create(t.TempDir()+"/samples.jsonl", nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{recorder: &recorder{file: file}}
	if f.Client, err = New(o, new(Budget), &f.tally, func() Recorder { return f.recorder }); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var end func()
	f.stopper, end = NewStopper(ctx)
	f.stop = cancel
	t.Cleanup(func() { end(); cancel(); f.Close() })
	return f
}

// ask asks for a stream.
func (f *fixture) ask(change ...func(a *Ask)) *Answer {
	a := &Ask{
		Body: []byte(`{"model":"m"}`), Stream: true, Phase: "main", Model: "m", Planned: rows.Unknown,
		MaxTokens: rows.Unknown, PromptTokens: rows.Unknown,
	}
	for _, c := range change {
		c(a)
	}
	return f.Do(a, f.stopper, clock.Now())
}

// expect holds the outcome and the error against what they should be.
func expect(t *testing.T, a *Answer, outcome, class string) {
	t.Helper()
	if a.Row.Outcome != outcome || a.Row.Error != class {
		t.Errorf("outcome %q, error %q (%s), not %q, %q", a.Row.Outcome, a.Row.Error, a.Detail, outcome, class)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, not %v", what, got, want)
	}
}

func contains(t *testing.T, what, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%s: %.200q has no %q", what, text, part)
	}
}
