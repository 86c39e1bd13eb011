package sse

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		name   string
		bounds Bounds
		stream string
		events int
		rule   Rule
	}{
		{"a line that is as long as it may be", Bounds{Line: 9}, "data: abc\n\ndata: d\n\n", 2, rules},
		{"a line that is too long", Bounds{Line: 8}, "data: a\n\ndata: abc\n\ndata: d\n\n", 1, TooLong},
		{"a line that is too long and never ends", Bounds{Line: 8}, "data: a\n\ndata: abcdefghijklmnopq", 1, TooLong},
		{"data that is as long as it may be", Bounds{Data: 3}, "data: a\ndata: b\n\n", 1, rules},
		{"data that is too long", Bounds{Data: 4}, "data: a\ndata: b\ndata: c\n\ndata: d\n\n", 0, TooLong},
		{"too many", Bounds{Items: 2}, "data: a\n\n: c\ndata: d\n\n", 1, TooMany},
	} {
		t.Run(c.name, func(t *testing.T) {
			all := readCut(c.bounds, []byte(c.stream))
			if len(all.events) != c.events || (len(all.problems) > 0) != (c.rule < rules) {
				t.Fatalf("%+v", all)
			}
			if c.rule < rules && all.problems[0].Rule != c.rule {
				t.Fatalf("%v", all.problems[0].Rule)
			}
			for cut := range c.stream {
				if got := readCut(c.bounds, []byte(c.stream), cut).uncut(); !reflect.DeepEqual(got, all.uncut()) {
					t.Fatalf("cut at %d: %+v, not %+v", cut, got, all)
				}
			}
		})
	}
}

func TestLineEndOverTwoReads(t *testing.T) {
	r := New(Bounds{})
	var e Event
	r.Feed([]byte("data: a\r\r"), 0)
	if !r.Next(&e) || e.End != 9 || e.Read != 0 || r.LastEnd() != 9 {
		t.Fatalf("a CR completes the event when it comes, not with the next read: %+v", e)
	}
	if r.Next(&e) {
		t.Fatal("one event only")
	}
	r.Feed([]byte("\ndata: b\n\n"), 1)
	if r.LastEnd() != 10 {
		t.Fatalf("the LF belongs to the event before: %d", r.LastEnd())
	}
	if !r.Next(&e) || e.Start != 10 || e.End != 19 || string(e.Data) != "b" {
		t.Fatalf("%+v", e)
	}
}

func TestMegabyteInSevenByteReads(t *testing.T) {
	stream := []byte("data: " + strings.Repeat("x", 1<<20) + "\n\n")
	r := New(Bounds{})
	var e Event
	for i := 0; i < len(stream); i += 7 {
		r.Feed(stream[i:min(i+7, len(stream))], i/7)
		if r.Next(&e) && (len(e.Data) != 1<<20 || e.End != int64(len(stream))) {
			t.Fatalf("%d bytes", len(e.Data))
		}
	}
	if e.End == 0 {
		t.Fatal("no event")
	}
}

func chunk(content string) string {
	return fmt.Sprintf(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763790000,"model":"gpt-4.1-mini",`+
		`"choices":[{"index":0,"delta":{"content":%q},"logprobs":null,"finish_reason":null}]}`, content)
}

// shapes of what comes over the wire: an event a read, several events a read, an event in two reads, named events.
func shapes() map[string][][]byte {
	one := []byte("data: " + chunk(" token") + "\n\n")
	named := []byte("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0," +
		"\"delta\":{\"type\":\"text_delta\",\"text\":\" token\"}}\n\n")
	return map[string][][]byte{
		"one":       {one},
		"coalesced": {bytes.Repeat(one, 8)},
		"split":     {one[:100], one[100:]},
		"named":     {named},
		"crlf":      {bytes.ReplaceAll(one, []byte("\n"), []byte("\r\n"))},
		"beyond":    {[]byte("data: " + chunk(strings.Repeat("你好", 10)) + "\n\n")},
	}
}

func TestNoAllocations(t *testing.T) {
	for name, reads := range shapes() {
		r := New(Bounds{})
		var e Event
		round := func() {
			for n, read := range reads {
				r.Feed(read, n)
				for r.Next(&e) {
				}
			}
		}
		round()
		if n := testing.AllocsPerRun(200, round); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	for name, reads := range shapes() {
		b.Run(name, func(b *testing.B) {
			r := New(Bounds{Items: 1 << 60})
			var e Event
			events := 0
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				for _, read := range reads {
					r.Feed(read, n)
					for r.Next(&e) {
						events++
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(events), "ns/event")
		})
	}
}
