// Package meter turns the timed reads and events of one request into its figures. It is pure: times come from outside.
//
// Times are ns of one monotonic clock unless said otherwise. A token is an event with at least one non-empty delta of
// content, reasoning or a tool call: what the server says of its tokens stands apart, as usage. Comments, pings and
// empty deltas are no tokens.
package meter

import "assay/load/k6/grammar"

// Unknown is a figure or time that there is none of.
const Unknown int64 = -1 << 63

// A Read is one read from the connection that brought bytes of the response. Reads that brought only interim responses
// (1xx) are none.
type Read struct {
	// Asked is when the system was asked for the bytes (monotonic).
	Asked int64
	// Returned is when they were here.
	Returned Moment
	// Kernel is when the last of them came, by the real-time clock; Unknown where the system does not tell.
	Kernel int64
	// Filled: there was no more room, so that more bytes may have been there.
	Filled bool
	// Body is the number of bytes of the body that it brought.
	Body int
}

// A Bound is where a figure lies. Both ends are the same where it is known exactly.
type Bound struct{ Low, High int64 }

var unknown = Bound{Unknown, Unknown}

// Transport is how the bytes ended.
type Transport uint8

const (
	Complete  Transport = iota // in order
	Broken                     // by an error, a deadline, or before the length that was promised
	Cancelled                  // by us
)

// A Chunk is one read that brought bytes of the body.
type Chunk struct {
	// Arrived is when its last bytes came: by the kernel's stamp, else when the read returned.
	Arrived int64
	// Gap is the time since the chunk before; Unknown for the first.
	Gap int64
	// TokenGap is the time since the last chunk before with tokens; Unknown for the first of them, and where Tokens is 0.
	TokenGap int64
	// Lag is how long the bytes lay in the system before they were read, at least; Unknown without a stamp.
	Lag int64
	// Events and Tokens that it completed.
	Events, Tokens int32
}

// mostChunks bounds what an endless stream can make a meter keep; the figures go on without the chunks.
const mostChunks = 1 << 20

// A Meter measures one request: Sent, then each Read followed by the Events that it completed, then End.
type Meter struct {
	// Settled, where it is set before Sent (Reset keeps it), takes each chunk when its events are known, and Chunks keeps
	// none: what a meter of a long stream holds is then bounded.
	Settled func(c *Chunk)

	dialect   *Dialect
	sent      Moment
	window    window // of the last read
	last      Moment // when the last read returned
	chunks    []Chunk
	chunk     Chunk // the last one: it goes to chunks when the next comes
	lastChunk int64 // arrival of the last chunk
	lastToken int64 // arrival of the last chunk with tokens
	how       Transport
	sum       Figures
}

// window is what is known of when the bytes of a read came: at low or after, at high or before.
type window struct {
	low, high int64
	asked     int64
	offset    int64 // of the body, past the read
	exact     bool  // its last byte came at high
	filled    bool
	doubtful  bool // the clock was set while its bytes may have been under way
}

// New makes a meter.
func New(d *Dialect) *Meter {
	m := &Meter{}
	m.Reset(d)
	return m
}

// Reset makes the meter ready for another request; memory is kept.
func (m *Meter) Reset(d *Dialect) {
	*m = Meter{Settled: m.Settled, dialect: d, chunks: m.chunks[:0], lastChunk: Unknown, lastToken: Unknown}
	m.sum = Figures{
		FirstByte: Unknown, Early: Unknown, FirstToken: unknown, FirstAnswer: unknown, EndToEnd: Unknown, PerOutputToken: Unknown,
		Stall: unknown, MaxLag: Unknown, InputTokens: Unknown, OutputTokens: Unknown, ReasoningTokens: Unknown,
	}
}

// Sent says when the last byte of the request was handed over.
func (m *Meter) Sent(at Moment) {
	m.sent, m.last = at, at
	m.window = window{low: at.Mono, high: at.Mono, asked: at.Mono}
}

// Read takes the next read.
func (m *Meter) Read(r Read) {
	m.settle()
	before := m.window
	w := window{
		low: before.asked, high: r.Returned.Mono, asked: r.Asked, offset: before.offset + int64(r.Body), filled: r.Filled,
	}
	if before.filled {
		// What did not fit may have been there when the read before was made; it came no earlier than that one's.
		w.low = before.low
	}
	stepped := IsStep(m.last, r.Returned)
	if stepped {
		m.sum.ClockSteps++
	}
	w.doubtful = stepped || before.filled && before.doubtful
	lag := Unknown
	if r.Kernel != Unknown && !w.doubtful {
		// Both clocks were read when the read returned, so the lag is a difference of real times, and is then laid on the
		// monotonic clock. What is outside of the possible is off by less than a step that would be noticed.
		lain := r.Returned.Real - r.Kernel
		if early := m.sent.Mono - (r.Returned.Mono - lain); early > 0 && m.sum.FirstByte == Unknown {
			m.sum.Early = early
		}
		lag = min(max(lain, 0), max(r.Returned.Mono-w.low, 0))
		w.high -= lag
		w.exact = !r.Filled
		m.sum.Stamped++
		m.sum.MaxLag = max(m.sum.MaxLag, lag)
	}
	// After a read without a stamp, whose bytes came earlier than it says.
	w.high = max(w.high, before.high)
	m.window, m.last = w, r.Returned
	m.sum.Reads++
	if m.sum.FirstByte == Unknown {
		m.sum.FirstByte = w.high - m.sent.Mono
	}
	if r.Body > 0 {
		m.begin(lag)
	}
}

// begin begins a chunk.
func (m *Meter) begin(lag int64) {
	at := m.window.high
	m.chunk = Chunk{Arrived: at, Gap: Unknown, TokenGap: Unknown, Lag: lag}
	if m.lastChunk != Unknown {
		m.chunk.Gap = at - m.lastChunk
	}
	m.lastChunk = at
	m.sum.Chunks++
}

// settle counts the last chunk, whose events are known now.
func (m *Meter) settle() {
	if m.sum.Chunks == m.sum.settled {
		return
	}
	m.sum.settled++
	c := &m.chunk
	if c.Tokens > 0 {
		if m.lastToken != Unknown {
			c.TokenGap = c.Arrived - m.lastToken
			// Of several tokens one may have taken the whole gap, or each its share.
			m.sum.Stall.High = max(m.sum.Stall.High, c.TokenGap)
			m.sum.Stall.Low = max(m.sum.Stall.Low, c.TokenGap/int64(c.Tokens))
		}
		m.lastToken = c.Arrived
		m.sum.TokenChunks++
	}
	if c.Tokens > 1 {
		m.sum.CoalescedChunks++
		m.sum.CoalescedTokens += int64(c.Tokens)
	}
	if m.Settled != nil {
		m.Settled(c)
	} else if len(m.chunks) < mostChunks {
		m.chunks = append(m.chunks, *c)
	}
}

// Event takes an event that the last read completed, and gives what it brings. end is its end in the body.
func (m *Meter) Event(e *grammar.Event, end int64) Kind {
	m.sum.Events++
	m.chunk.Events++
	kinds := m.dialect.kinds(e)
	if kinds != Nothing {
		m.token(kinds, end)
	}
	m.says(&m.dialect.Form, e)
	return kinds
}

// Whole takes an answer that is no stream, when all of it is here. It has no tokens that could be timed.
func (m *Meter) Whole(e *grammar.Event) {
	if m.dialect.Whole == nil {
		m.sum.saidEnd = true
		return
	}
	m.says(m.dialect.Whole, e)
}

// says notes what an event or a whole answer tells of usage and of the end.
func (m *Meter) says(f *Form, e *grammar.Event) {
	if e.JSON != nil && e.JSON.Valid() {
		number(e.JSON, f.input, &m.sum.InputTokens)
		number(e.JSON, f.output, &m.sum.OutputTokens)
		number(e.JSON, f.thought, &m.sum.ReasoningTokens)
		if m.sum.Finish == "" {
			m.sum.Finish = f.finishWord(e)
		}
	}
	if anyHolds(f.failed, e) {
		m.sum.saidError = true
	} else if anyHolds(f.finished, e) {
		m.sum.saidEnd = true
	}
}

func (m *Meter) token(kinds Kind, end int64) {
	m.chunk.Tokens++
	m.sum.Tokens++
	if m.sum.FirstToken == unknown {
		m.sum.FirstToken = m.arrival(end)
		m.sum.FirstKind = kinds
	}
	if m.sum.FirstAnswer == unknown && kinds&^Reasoning != 0 {
		m.sum.FirstAnswer = m.arrival(end)
	}
}

// arrival is when an event that ends at an offset of the body had come, since the request was sent.
func (m *Meter) arrival(end int64) Bound {
	w := &m.window
	low := w.low
	if w.exact && end == w.offset {
		low = w.high
	}
	return Bound{low - m.sent.Mono, w.high - m.sent.Mono}
}

// End says how the bytes ended.
func (m *Meter) End(how Transport) {
	m.settle()
	m.how = how
}

// Chunks are the reads that brought bytes of the body, in order: the first million; the meter's, valid until Reset.
func (m *Meter) Chunks() []Chunk { return m.chunks }

// IsSaid tells whether the stream has said its end, or an error.
func (m *Meter) IsSaid() bool { return m.sum.saidEnd || m.sum.saidError }

// Tokens is the number of tokens so far.
func (m *Meter) Tokens() int64 { return m.sum.Tokens }
