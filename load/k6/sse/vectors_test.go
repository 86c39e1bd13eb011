package sse

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"assay/load/k6/internal/reference"
)

type plainEvent struct {
	Type, Data, ID string
	Start, End     int64
	Read           int
}

// whole is all that a stream was read as.
type whole struct {
	events   []plainEvent
	problems []Problem
	comments int
	lastID   string
	retry    int64
	eols     EOL
}

// readCut reads a stream in pieces that end at cuts, each in memory that is overwritten when the next comes.
func readCut(b Bounds, stream []byte, cuts ...int) whole {
	r := New(b)
	var w whole
	var e Event
	memory := make([]byte, len(stream))
	from := 0
	for read, to := range append(cuts, len(stream)) {
		chunk := memory[:copy(memory, stream[from:to])]
		r.Feed(chunk, read)
		if n := len(w.events); n > 0 {
			w.events[n-1].End = r.LastEnd()
		}
		for r.Next(&e) {
			w.events = append(w.events, plainEvent{string(e.Type), string(e.Data), string(e.ID), e.Start, e.End, e.Read})
		}
		for i := range chunk {
			chunk[i] = 'X'
		}
		from = to
	}
	r.End()
	w.problems = append(w.problems, r.Problems()...)
	w.comments, w.lastID, w.retry, w.eols = r.Comments(), string(r.LastEventID()), r.Retry(), r.EOLs()
	return w
}

// uncut is what does not depend on the reads.
func (w whole) uncut() whole {
	events := make([]plainEvent, len(w.events))
	for i, e := range w.events {
		e.Read = 0
		events[i] = e
	}
	w.events = events
	return w
}

type generated struct {
	Text   string `json:"text"`
	Repeat int    `json:"repeat"`
}

func (g generated) String() string { return strings.Repeat(g.Text, max(g.Repeat, 1)) }

type vector struct {
	ID       string      `json:"id"`
	InputB64 *string     `json:"input_b64"`
	InputGen []generated `json:"input_gen"`
	Cuts     []int       `json:"chunk_cuts"`
	Expect   struct {
		Events []struct {
			Type, Data  string
			LastEventID string `json:"lastEventId"`
		} `json:"events"`
		EventsGen []struct {
			Type        string
			Data        generated
			LastEventID string `json:"lastEventId"`
		} `json:"events_gen"`
		LastEventID string `json:"lastEventId"`
		Retry       *int64 `json:"reconnectionTimeMs"`
	} `json:"expect"`
}

func (v *vector) bytes(t testing.TB) []byte {
	if v.InputB64 != nil {
		b, err := base64.StdEncoding.DecodeString(*v.InputB64)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var b []byte
	for _, g := range v.InputGen {
		b = append(b, g.String()...)
	}
	return b
}

func vectors(t testing.TB) []vector {
	text, err := os.ReadFile(reference.Root + "/tests/vectors/sse-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Count   int
		Vectors []vector
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if file.Count != 117 || len(file.Vectors) != 117 {
		t.Fatalf("%d vectors, not 117", len(file.Vectors))
	}
	return file.Vectors
}

func eachByte(n int) []int {
	var cuts []int
	for i := 1; i < n; i++ {
		cuts = append(cuts, i)
	}
	return cuts
}

func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.ID, func(t *testing.T) {
			stream := v.bytes(t)
			all := readCut(Bounds{}, stream)
			type said struct{ Type, Data, ID string }
			var want, got []said
			for _, e := range v.Expect.Events {
				want = append(want, said{e.Type, e.Data, e.LastEventID})
			}
			for _, e := range v.Expect.EventsGen {
				want = append(want, said{e.Type, e.Data.String(), e.LastEventID})
			}
			for _, e := range all.events {
				got = append(got, said{e.Type, e.Data, e.ID})
			}
			retry := int64(-1)
			if v.Expect.Retry != nil {
				retry = *v.Expect.Retry
			}
			if !reflect.DeepEqual(got, want) || all.lastID != v.Expect.LastEventID || all.retry != retry {
				t.Fatalf("%.200q: got %.300q, id %q, retry %d", stream, got, all.lastID, all.retry)
			}
			ways := [][]int{eachByte(len(stream)), v.Cuts}
			if len(stream) < 400 {
				for cut := range stream {
					ways = append(ways, []int{cut})
				}
			}
			for _, cuts := range ways {
				if cut := readCut(Bounds{}, stream, cuts...); !reflect.DeepEqual(cut.uncut(), all.uncut()) {
					t.Fatalf("cut at %v: %+v\nwhole: %+v", cuts, cut, all)
				}
			}
		})
	}
}

// TestReference holds the reader to that of the conformance side: events, offsets, reads, problems.
func TestReference(t *testing.T) {
	streams := 0
	reference.Read(t, "sse", func(line struct {
		Bytes    []byte
		Cuts     []int
		Most     int
		Events   []plainEvent
		Problems []struct {
			Rule           string
			Offset, Length int64
		}
		Comments    int
		LastEventID string `json:"lastEventId"`
		Retry       int64
		EOLs        [3]bool
	}) {
		streams++
		got := readCut(Bounds{Items: line.Most}, line.Bytes, line.Cuts...)
		want := whole{events: line.Events, comments: line.Comments, lastID: line.LastEventID, retry: line.Retry}
		for i, seen := range line.EOLs {
			if seen {
				want.eols |= 1 << i
			}
		}
		for _, p := range line.Problems {
			for rule, name := range names {
				if name == p.Rule {
					want.problems = append(want.problems, Problem{Rule(rule), p.Offset, p.Length})
				}
			}
		}
		if len(want.problems) != len(line.Problems) {
			t.Fatalf("a rule that is not known: %v", line.Problems)
		}
		if len(want.events) == 0 {
			want.events = nil
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q cut at %v, at most %d:\ngot  %+v\nwant %+v", line.Bytes, line.Cuts, line.Most, got, want)
		}
	})
	if streams < 3000 {
		t.Fatalf("only %d streams", streams)
	}
}

func FuzzSplit(f *testing.F) {
	for _, v := range vectors(f) {
		if b := v.bytes(f); len(b) < 400 {
			f.Add(b, uint16(len(b)/2), uint16(len(b)/3))
		}
	}
	f.Add([]byte("\xef\xbb\xbfdata: \xe4\xbd\xa0\r\n\r\n: c\rdata: \xff\xe4\xbd\n\n"), uint16(1), uint16(9))
	f.Add([]byte("data: \xf5\x80\x80\x80\xf4\x90\x80\x80\xed\xa0\x80\xe0\x80\x80\xc1\xbf\n\n"), uint16(7), uint16(9))
	f.Fuzz(func(t *testing.T, stream []byte, a, b uint16) {
		first, second := int(a)%(len(stream)+1), int(b)%(len(stream)+1)
		want := readCut(Bounds{}, stream).uncut()
		got := readCut(Bounds{}, stream, min(first, second), max(first, second)).uncut()
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("cut at %d and %d: %+v\nwhole: %+v", first, second, got, want)
		}
		last := int64(0)
		for _, e := range want.events {
			if e.Start < last || e.End <= e.Start || e.End > int64(len(stream)) {
				t.Fatalf("events do not stand in order: %+v", want.events)
			}
			if !bytes.HasSuffix(stream[:e.End], []byte("\n")) && !bytes.HasSuffix(stream[:e.End], []byte("\r")) {
				t.Fatalf("an event does not end with a line end: %+v", e)
			}
			if !utf8.ValidString(e.Data) || !utf8.ValidString(e.Type) || !utf8.ValidString(e.ID) {
				t.Fatalf("an event is no UTF-8: %+v", e)
			}
			last = e.End
		}
	})
}
