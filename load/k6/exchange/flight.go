package exchange

import (
	"bytes"
	"net/http"
	"sync"
	"time"

	"assay/load/k6/clock"
	"assay/load/k6/grammar"
	"assay/load/k6/meter"
	"assay/load/k6/nonce"
	"assay/load/k6/rows"
	"assay/load/k6/sse"
	"assay/load/k6/stamp"
	"assay/load/k6/tape"
	"assay/load/k6/wire"
)

const (
	// readSize is the room of a read.
	readSize = 16 << 10
	// keptBody is what is kept of the body of an answer that is not 2xx.
	keptBody = 16 << 10
	// maskedMargin is what is kept beyond it until it is masked: a key that the cut goes through could not be found.
	maskedMargin = 16 << 10
	// mostDetail is what is told of an error, in bytes.
	mostDetail = 500
	// openEnd is how long a stream that said its end may leave its body open.
	openEnd = time.Second
	// keptFlight: what took more memory than this is not used again.
	keptFlight = 1 << 20
)

// A desk is what a request needs while it looks at a read, and not while it waits for one. There are as many as requests
// are looked at at a time, so what lies on them is in the processor's cache.
type desk struct {
	buffer [readSize]byte
	doc    tape.Doc
	event  sse.Event
	seen   grammar.Event
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// Lend takes a desk for a read.
func (f *flight) Lend() []byte {
	f.desk = desks.Get().(*desk)
	return f.desk.buffer[:]
}

// Return gives it back.
func (f *flight) Return() {
	if f.desk != nil {
		desks.Put(f.desk)
		f.desk = nil
	}
}

// A flight is one request under way. It is used again for the next: nothing in it outlives the request.
type flight struct {
	client *Client
	ask    *Ask
	row    *rows.Row
	due    due

	conn   *wire.Conn
	desk   *desk
	out    bytes.Buffer
	head   wire.Head
	early  []stamp.Read // reads of the head, until it is known what they are of
	body   wire.Body
	answer *http.Response

	meter  *meter.Meter
	reader *sse.Reader
	run    *grammar.Run
	nonce  nonce.Matcher
	text   []byte // of the answer, where it is to be kept
	kept   []byte // of a body that is no stream
	into   *rows.Histograms

	number    int   // of reads with bytes of the body
	last      int64 // when the last read returned
	first     int64 // when the first bytes of the body came
	isStalled bool
	// The stream said its end, and isLeftOpen: its body did not end in time.
	isSaid, isLeftOpen bool
	isCoded            bool // the body is in a content coding
	isLast             bool // the request asks for the connection to be closed
	cancelled          string
	failed             *wire.Error
}

func newFlight(c *Client) *flight {
	f := &flight{client: c, meter: meter.New(c.dialect), reader: sse.New(sse.Bounds{})}
	if c.grammar != nil {
		f.run = grammar.NewRun(c.grammar)
	}
	f.meter.Settled = f.settled
	return f
}

func (f *flight) begin(ask *Ask, row *rows.Row) {
	f.ask, f.row = ask, row
	f.conn, f.answer, f.failed = nil, nil, nil
	f.out.Reset()
	f.head.Reset()
	f.early = f.early[:0]
	f.meter.Reset(f.client.dialect)
	f.reader.Reset(sse.Bounds{})
	if f.run != nil {
		f.run.Reset()
	}
	f.nonce.Reset(ask.Nonce)
	f.text, f.kept = f.text[:0], f.kept[:0]
	f.into = nil
	if to := f.client.record(); to != nil {
		f.into = to.Histograms(ask.Phase, ask.Model, clock.Now())
	}
	f.first = meter.Unknown
	f.number, f.last, f.cancelled = 0, 0, ""
	f.isStalled, f.isSaid, f.isLeftOpen, f.isCoded, f.isLast = false, false, false, false, false
}

// settled takes each chunk of the body when its tokens are known.
func (f *flight) settled(c *meter.Chunk) {
	f.client.tally.Chunks.Add(1)
	if c.Tokens > 1 {
		f.client.tally.CoalescedChunks.Add(1)
	}
	if f.first == meter.Unknown {
		f.first = c.Arrived
	}
	f.gap(c)
	if f.ask.EachGap != nil && c.Gap != meter.Unknown && f.streams() {
		f.ask.EachGap(c.Gap, 0)
	}
	if f.into == nil {
		return
	}
	if f.streams() {
		f.into.BetweenChunks.Add(c.Gap, 1)
	}
	f.into.Lag.Add(c.Lag, 1)
}

// gap tells the time between tokens, as meter.EachTokenGap does for chunks that are kept.
func (f *flight) gap(c *meter.Chunk) {
	gap, tokens := c.TokenGap, c.Tokens
	switch {
	case tokens == 0 || gap == meter.Unknown && tokens == 1:
		return
	case gap == meter.Unknown:
		gap, tokens = 0, tokens-1
	}
	if f.into != nil {
		f.into.BetweenTokens.Add(gap/int64(tokens), int64(tokens))
	}
	if f.ask.EachGap != nil {
		f.ask.EachGap(gap, tokens)
	}
}

// read makes the next read; isOver tells that nothing more is to be read, for the reason in failed or cancelled. The bytes
// stay until the next call.
func (f *flight) read() (p []byte, r stamp.Read, isOver bool) {
	f.Return()
	for {
		f.due.arm()
		p, r, err := f.conn.Take(f)
		if err == nil {
			return p, r, false
		}
		if !wire.IsTimeout(err) {
			f.failed = wire.Broken(err)
			return nil, r, true
		}
		failed, isCancel := f.due.over(clock.Now())
		if isCancel {
			f.cancelled = "ms"
			return nil, r, true
		}
		if failed != nil {
			if f.isSaid && failed.Class == wire.BetweenTimeout {
				f.isLeftOpen = true
				failed.Detail = "the stream said its end, and its body was left open"
			}
			f.failed = failed
			return nil, r, true
		}
		f.due.armed = 0
	}
}

// measured tells the meter of a read with so many bytes of the body.
func (f *flight) measured(r stamp.Read, body int) {
	kernel := meter.Unknown
	if r.Kernel != 0 {
		kernel = r.Kernel
	}
	f.last = clock.Since(r.Returned)
	f.meter.Read(meter.Read{
		Asked: clock.Since(r.Asked), Returned: clock.Moment(r.Returned), Kernel: kernel, Filled: r.Filled, Body: body,
	})
}

// stall makes the reader sleep once, where that was asked for: a meter that is late has to notice.
func (f *flight) stall() {
	if f.ask.Stall > 0 && !f.isStalled {
		f.isStalled = true
		time.Sleep(f.ask.Stall)
	}
}
