package exchange

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// secure is a server with TLS that writes three tokens in one write, or in one each.
func secure(t *testing.T, gap time.Duration) (server *httptest.Server, ca string) {
	t.Helper()
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		out := http.NewResponseController(w)
		for _, text := range []string{opening, delta("a"), delta("b"), delta("c"), ending} {
			_, _ = w.Write([]byte(text))
			if gap > 0 {
				_ = out.Flush()
				time.Sleep(gap)
			}
		}
	}))
	t.Cleanup(server.Close)
	ca = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	return server, ca
}

func at(url string, more func(o *Options)) func(o *Options) {
	return func(o *Options) {
		o.URL = url
		if more != nil {
			more(o)
		}
	}
}

func TestTLS(t *testing.T) {
	server, ca := secure(t, 5*time.Millisecond)
	f := client(t, "", at(server.URL, func(o *Options) { o.CA = ca }))
	a := f.ask()
	expect(t, a, "finished", "")
	r := a.Row
	equal(t, "tokens", r.Tokens, 3)
	equal(t, "chunks with tokens", r.TokenChunks, 3)
	equal(t, "coalesced", r.CoalescedTokens, 0)
	if r.Stamped > 0 && r.FirstToken.Low != r.FirstToken.High {
		t.Errorf("a token alone in its read is exact under TLS too: %v", r.FirstToken)
	}
	expect(t, f.ask(), "finished", "")
	equal(t, "reused", f.recorder.rows[1].Reused, true)
}

func TestTLSWithoutGaps(t *testing.T) {
	server, ca := secure(t, 0)
	a := client(t, "", at(server.URL, func(o *Options) { o.CA = ca })).ask()
	expect(t, a, "finished", "")
	equal(t, "tokens", a.Row.Tokens, 3)
}

func TestTLSLargeBody(t *testing.T) {
	const tokens = 5000
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = w.Write([]byte(opening + strings.Repeat(delta("a"), tokens) + ending))
	}))
	defer server.Close()
	a := client(t, "", at(server.URL, func(o *Options) { o.Insecure = true })).ask()
	expect(t, a, "finished", "")
	equal(t, "tokens", a.Row.Tokens, tokens)
	equal(t, "broken", len(a.Row.Broken), 0)
}

func TestTLSThatFails(t *testing.T) {
	server, _ := secure(t, 0)
	a := client(t, "", at(server.URL, nil)).ask()
	expect(t, a, "error", "tls")
	contains(t, "detail", a.Detail, "certificate")
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	expect(t, client(t, "", at(strings.Replace(plain.URL, "http:", "https:", 1), nil)).ask(), "error", "tls")
}

func TestTLSCutOff(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(opening + delta("a")))
		_ = http.NewResponseController(w).Flush()
		time.Sleep(5 * time.Millisecond)
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	a := client(t, "", at(server.URL, func(o *Options) { o.Insecure = true })).ask()
	expect(t, a, "cut-off", "closed")
	equal(t, "tokens", a.Row.Tokens, 1)
}

func TestTLSDeadlinesMove(t *testing.T) {
	// Longer than the deadline between tokens in all: a timer that went off in between did no harm.
	server, ca := secure(t, 30*time.Millisecond)
	a := client(t, "", at(server.URL, func(o *Options) { o.CA, o.Deadlines.Between = ca, 80*time.Millisecond })).ask()
	expect(t, a, "finished", "")
}

// TestTLSBodiesThatTheCloseEnds: between two records it is an end, inside one it is none.
func TestTLSBodiesThatTheCloseEnds(t *testing.T) {
	for text, want := range map[string][2]string{
		opening + delta("a"): {"unfinished", "cut-off"}, opening + delta("a") + ending: {"finished", "finished"},
	} {
		for i, part := range []string{"", "\x17\x03\x03\x01\x00part"} {
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				c, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.WriteString(c, "HTTP/1.0 200 OK\r\n\r\n"+text)
				c = c.(*tls.Conn).NetConn()
				_, _ = io.WriteString(c, part)
				c.Close()
			}))
			a := client(t, "", at(server.URL, func(o *Options) { o.Insecure = true })).ask()
			server.Close()
			class := ""
			if part != "" {
				class = "closed"
			}
			expect(t, a, want[i], class)
		}
	}
}
