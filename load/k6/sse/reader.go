// Package sse reads event streams by the rules of the WHATWG HTML standard, incrementally and with byte offsets.
//
// It is held to the same vectors as the reader of the conformance side, and gives the same events, offsets and problems.
package sse

import (
	"math"
	"unicode/utf8"
)

// An Event is one dispatched event. The slices are the reader's: valid until its next call of Next, Feed or End.
type Event struct {
	Type []byte // "message" where the record names none
	Data []byte // UTF-8, repaired where the bytes were none
	ID   []byte // the last event id at that time
	// Start and End are offsets of bytes in the stream; End is past the blank line that dispatched it.
	Start, End int64
	// Read is the number of the read that completed it: events that share it came coalesced.
	Read int
}

// Bounds of what a reader takes in. A zero is the default.
type Bounds struct {
	Line  int // bytes of one line; default 8 MiB
	Data  int // bytes of the data of one event; default 16 MiB
	Items int // events and comments; default 1,000,000
}

// EOL is a set of line ends.
type EOL uint8

const (
	LF EOL = 1 << iota
	CR
	CRLF
)

// A Reader reads one stream: Feed what came, call Next until it gives false, and so on; End when nothing more comes.
type Reader struct {
	bounds Bounds

	chunk  []byte
	base   int64 // offset of the chunk
	pos    int
	lf, cr int // places of the next LF and CR in the chunk at or after pos, or none; -1: not looked for
	read   int

	line      []byte // a line that earlier reads began
	lineStart int64
	afterCR   bool // a CR was the last byte of the last read: an LF at the start of the next belongs to it
	begun     bool // the first line was read, which may start with a byte order mark
	full      bool

	// The record that is being read.
	start   int64
	hasData bool
	ref     []byte // the data, where it is one line of the chunk; else it is in data
	data    []byte
	typ     []byte
	id      []byte
	given   bool // Next gave the data: it is of the past

	fixed    []byte
	lastID   []byte
	lastEnd  int64
	retry    int64
	eols     EOL
	items    int
	comments int
	counts   [rules]uint8
	problems []Problem
}

const none = math.MaxInt

var bom = []byte("\uFEFF")
var message = []byte("message")

// New makes a reader.
func New(b Bounds) *Reader {
	r := new(Reader)
	r.Reset(b)
	return r
}

// Reset makes the reader ready for another stream; it keeps its buffers.
func (r *Reader) Reset(b Bounds) {
	if b.Line == 0 {
		b.Line = 8 << 20
	}
	if b.Data == 0 {
		b.Data = 16 << 20
	}
	if b.Items == 0 {
		b.Items = 1_000_000
	}
	*r = Reader{
		bounds: b, retry: -1,
		line: r.line[:0], data: r.data[:0], typ: r.typ[:0], id: r.id[:0],
		fixed: r.fixed[:0], lastID: r.lastID[:0], problems: r.problems[:0],
	}
}

// Feed takes one read, number read. The bytes must stay as they are until Next gives false.
func (r *Reader) Feed(p []byte, read int) {
	if len(p) == 0 {
		return
	}
	r.base += int64(len(r.chunk))
	r.chunk, r.pos, r.lf, r.cr, r.read = p, 0, -1, -1, read
	if !r.afterCR {
		return
	}
	r.afterCR = false
	if p[0] != '\n' {
		r.eols |= CR
		return
	}
	r.eols |= CRLF
	r.pos = 1
	if r.lastEnd == r.base {
		r.lastEnd++
	}
	if r.start == r.base {
		r.start++
	}
}

// Next gives the next event that the bytes fed so far complete, and whether there is one.
func (r *Reader) Next(e *Event) bool {
	if r.given {
		r.given, r.hasData, r.ref, r.data, r.typ = false, false, nil, r.data[:0], r.typ[:0]
	}
	for r.pos < len(r.chunk) && !r.full {
		end, eol := r.lineEnd()
		if end == none {
			r.keepLine()
			break
		}
		start := r.base + int64(r.pos)
		line := r.chunk[r.pos:end]
		inChunk := len(r.line) == 0
		if !inChunk {
			if len(r.line)+len(line) > r.bounds.Line {
				r.stop(r.lineStart)
				break
			}
			r.line = append(r.line, line...)
			line, start = r.line, r.lineStart
			r.line = r.line[:0]
		}
		r.pos = end + eol
		if !r.begun {
			line, start = r.takeBOM(line, start)
		}
		if len(line) == 0 {
			if r.dispatch(e, start) {
				return true
			}
			continue
		}
		if len(line) > r.bounds.Line {
			r.stop(start)
			break
		}
		length := int64(len(line))
		if !utf8.Valid(line) {
			eachIllFormed(line, func(offset, length int) { r.note(InvalidUTF8, start+int64(offset), int64(length)) })
			r.fixed = repaired(r.fixed[:0], line)
			line, inChunk = r.fixed, false
		}
		r.field(line, start, length, inChunk)
	}
	r.keepData()
	return false
}

// keepData copies data that lies in the chunk, which is not ours for longer.
func (r *Reader) keepData() {
	if r.ref != nil {
		r.data = append(r.data[:0], r.ref...)
		r.ref = nil
	}
}

func (r *Reader) stop(offset int64) {
	r.full = true
	r.note(TooLong, offset, 0)
}

// dispatch acts on a blank line at offset blank, and tells whether it made an event.
func (r *Reader) dispatch(e *Event, blank int64) bool {
	end := r.base + int64(r.pos)
	r.lastID = append(r.lastID[:0], r.id...)
	if !r.hasData {
		if len(r.typ) > 0 {
			r.note(EventWithoutData, r.start, blank-r.start)
			r.typ = r.typ[:0]
		}
		r.start = end
		return false
	}
	e.Type, e.Data, e.ID = message, r.data, r.id
	if len(r.typ) > 0 {
		e.Type = r.typ
	}
	if r.ref != nil {
		e.Data = r.ref
	}
	e.Start, e.End, e.Read = r.start, end, r.read
	r.start, r.lastEnd, r.given = end, end, true
	r.count(blank)
	return true
}

func (r *Reader) count(offset int64) {
	r.items++
	if r.items == r.bounds.Items {
		r.full = true
		r.note(TooMany, offset, 0)
	}
}

// LastEventID is the last event id of the stream; the reader's, valid until the next call of Next.
func (r *Reader) LastEventID() []byte { return r.lastID }

// Retry is the reconnection time that the stream asked for, in ms; -1 where it asked for none.
func (r *Reader) Retry() int64 { return r.retry }

// EOLs are the kinds of line ends that were seen.
func (r *Reader) EOLs() EOL { return r.eols }

// Comments is the number of comment lines so far.
func (r *Reader) Comments() int { return r.comments }

// LastEnd is where the last event ends. It is one past its End where that was between a CR, the last byte of a read, and
// its LF, the first of the next.
func (r *Reader) LastEnd() int64 { return r.lastEnd }

// Full tells whether reading stopped at a bound.
func (r *Reader) Full() bool { return r.full }
