// Package pipeline holds no code: its benchmark is what one streamed chunk costs from the bytes of a read to its figures.
package pipeline

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"assay/load/k6/grammar"
	"assay/load/k6/internal/reference"
	"assay/load/k6/meter"
	"assay/load/k6/sse"
	"assay/load/k6/tape"
)

// request is all that one stream needs.
type request struct {
	reader *sse.Reader
	run    *grammar.Run
	meter  *meter.Meter
	doc    tape.Doc
	event  sse.Event
	seen   grammar.Event
}

func newRequest(t testing.TB, dialect string) *request {
	text, err := os.ReadFile(reference.Root + "/../schemas/" + dialect + "/grammar.json")
	if err != nil {
		t.Fatal(err)
	}
	g, err := grammar.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	dialects, err := meter.Dialects()
	if err != nil {
		t.Fatal(err)
	}
	return &request{
		reader: sse.New(sse.Bounds{Items: 1 << 60}), run: grammar.NewRun(g), meter: meter.New(dialects[dialect]),
	}
}

func (r *request) take(number int, bytes []byte) {
	at := int64(number) * 1_000_000
	r.meter.Read(meter.Read{Asked: at, Returned: meter.Moment{Mono: at + 10, Real: at + 10}, Kernel: at, Body: len(bytes)})
	r.reader.Feed(bytes, number)
	for r.reader.Next(&r.event) {
		r.doc.Parse(r.event.Data)
		r.seen = grammar.Event{Type: r.event.Type, Data: r.event.Data, JSON: &r.doc}
		r.run.Take(&r.seen)
		r.meter.Event(&r.seen, r.event.End)
	}
}

// streams are a beginning, and a read with one token that may come any number of times.
var streams = map[string][2]string{
	"openai-chat": {
		`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763790000,"model":"gpt-4.1-mini",` +
			`"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}` + "\n\n",
		`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763790000,"model":"gpt-4.1-mini",` +
			`"choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}]}` + "\n\n",
	},
	"anthropic-messages": {
		"event: message_start\ndata: " + `{"type":"message_start","message":{"id":"msg_1","type":"message",` +
			`"role":"assistant","content":[],"usage":{"input_tokens":9,"output_tokens":1}}}` + "\n\n" +
			"event: content_block_start\ndata: " +
			`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}` + "\n\n",
		"event: content_block_delta\ndata: " + `{"type":"content_block_delta","index":0,` +
			`"delta":{"type":"text_delta","text":" token"}}` + "\n\n",
	},
}

func TestNoAllocations(t *testing.T) {
	for dialect, s := range streams {
		r := newRequest(t, dialect)
		r.take(0, []byte(s[0]))
		token, number := []byte(s[1]), 0
		// What grows, the list of chunks, does so before.
		for number < 1200 {
			number++
			r.take(number, token)
		}
		r.meter.Reset(dialectOf(t, dialect))
		if n := testing.AllocsPerRun(1000, func() {
			number++
			r.take(number, token)
		}); n != 0 {
			t.Errorf("%s: %v allocations a chunk", dialect, n)
		}
		if found := r.run.Findings(); len(found) != 0 {
			t.Errorf("%s: %v", dialect, found)
		}
		r.meter.End(meter.Broken)
		if f := r.meter.Figures(); f.Tokens != 1001 || f.Chunks != 1001 {
			t.Errorf("%s: %+v", dialect, f)
		}
	}
}

func dialectOf(t testing.TB, name string) *meter.Dialect {
	all, err := meter.Dialects()
	if err != nil {
		t.Fatal(err)
	}
	return all[name]
}

func BenchmarkChunk(b *testing.B) {
	for dialect, s := range streams {
		for _, tokens := range []int{1, 8} {
			b.Run(fmt.Sprintf("%s/%d-a-read", dialect, tokens), func(b *testing.B) {
				r, d := newRequest(b, dialect), dialectOf(b, dialect)
				r.take(0, []byte(s[0]))
				read, number := bytes.Repeat([]byte(s[1]), tokens), 0
				before := cpu()
				b.ReportAllocs()
				for b.Loop() {
					if number++; number%1000 == 0 {
						r.meter.Reset(d)
					}
					r.take(number, read)
				}
				// Of time on the wall the neighbours on a shared machine have their part.
				b.ReportMetric(float64(cpu()-before)/float64(b.N*tokens), "cpu-ns/token")
			})
		}
	}
}
