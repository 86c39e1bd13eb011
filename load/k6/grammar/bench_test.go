package grammar

import (
	"testing"

	"assay/load/k6/tape"
)

type stream struct {
	dialect string
	open    []plainEvent
	token   plainEvent
}

var streams = []stream{
	{
		"openai-chat",
		[]plainEvent{{"message", `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763790000,"model":"m",` +
			`"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}`}},
		plainEvent{"message", `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763790000,"model":"m",` +
			`"choices":[{"index":0,"delta":{"content":" token"},"logprobs":null,"finish_reason":null}]}`},
	},
	{
		"anthropic-messages",
		[]plainEvent{
			{"message_start", `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",` +
				`"content":[],"usage":{"input_tokens":9,"output_tokens":1}}}`},
			{"content_block_start", `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`},
		},
		plainEvent{"content_block_delta", `{"type":"content_block_delta","index":0,` +
			`"delta":{"type":"text_delta","text":" token"}}`},
	},
}

func (s stream) begin(t testing.TB) (r *Run, doc *tape.Doc, token Event) {
	r, doc = NewRun(compiled(t, s.dialect)), new(tape.Doc)
	for _, e := range s.open {
		doc.Parse([]byte(e.Data))
		r.Take(&Event{Type: []byte(e.Type), Data: []byte(e.Data), JSON: doc})
	}
	return r, doc, Event{Type: []byte(s.token.Type), Data: []byte(s.token.Data), JSON: doc}
}

func TestNoAllocations(t *testing.T) {
	for _, s := range streams {
		r, doc, token := s.begin(t)
		if n := testing.AllocsPerRun(200, func() {
			doc.Parse(token.Data)
			r.Take(&token)
		}); n != 0 || len(r.Findings()) != 0 {
			t.Errorf("%s: %v allocations an event, %v", s.dialect, n, r.Findings())
		}
	}
}

func BenchmarkEvent(b *testing.B) {
	for _, s := range streams {
		b.Run(s.dialect, func(b *testing.B) {
			r, doc, token := s.begin(b)
			b.ReportAllocs()
			for b.Loop() {
				doc.Parse(token.Data)
				r.Take(&token)
			}
		})
	}
}
