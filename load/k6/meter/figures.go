package meter

// Figures are those of one request. Times are ns; what there is none of is Unknown.
type Figures struct {
	// FirstByte is the time from the request's last byte sent to the arrival of the read with the first header byte.
	FirstByte int64
	// Early is how long before the request's last byte was sent that read came, where it did; FirstByte is 0 then.
	Early int64
	// FirstToken is the time from there to the first non-empty delta of content, reasoning or a tool call.
	FirstToken Bound
	// FirstKind is the set of what that first one brought.
	FirstKind Kind
	// FirstAnswer is the time to the first that is not (only) reasoning.
	FirstAnswer Bound
	// EndToEnd is the time to the arrival of the last read with bytes of the body.
	EndToEnd int64
	// PerOutputToken is (EndToEnd − FirstToken) / (OutputTokens − 1), with the later bound of the first token.
	PerOutputToken int64
	// Stall is the longest time between two tokens: at least, if those of one read came evenly; at most, if one of them
	// took all of the gap.
	Stall Bound

	// Reads are all; Chunks those with bytes of the body; TokenChunks those of them with tokens.
	Reads, Chunks, TokenChunks int64
	// CoalescedChunks have several tokens, CoalescedTokens together.
	CoalescedChunks, CoalescedTokens int64
	Events, Tokens                   int64
	// Of usage, as the server says last.
	InputTokens, OutputTokens, ReasoningTokens int64

	// Finish is the word that the server has for the end (finish_reason, stop_reason); "" where it says none.
	Finish string
	// Stamped is the number of reads whose arrival is the kernel's.
	Stamped int64
	// MaxLag is the longest time that bytes lay in the system before they were read, at least.
	MaxLag int64
	// ClockSteps is how often the real-time clock was set: the stamps of reads over which it was are not used.
	ClockSteps int64
	// Unkept is the number of chunks that Chunks does not hold.
	Unkept int64

	Outcome Outcome

	settled            int64
	saidEnd, saidError bool
}

// Outcome is how an answer ended.
type Outcome uint8

const (
	// Finished: the stream said its end.
	Finished Outcome = iota
	// Failed: the stream said an error.
	Failed
	// Unfinished: the bytes ended in order, and the stream had not said its end.
	Unfinished
	// CutOff: the bytes broke off before the stream said its end.
	CutOff
	// HungUp: we left before the stream said its end.
	HungUp
)

// String is the word that records and tags have.
func (o Outcome) String() string {
	return [...]string{"finished", "failed", "unfinished", "cut-off", "hung-up"}[o]
}

// Figures are those of the request; call it after End.
func (m *Meter) Figures() Figures {
	f := m.sum
	f.Unkept = f.Chunks - int64(len(m.chunks))
	if m.lastChunk != Unknown {
		f.EndToEnd = m.lastChunk - m.sent.Mono
	}
	if f.OutputTokens > 1 && f.FirstToken != unknown {
		f.PerOutputToken = (f.EndToEnd - f.FirstToken.High) / (f.OutputTokens - 1)
	}
	switch {
	case f.saidError:
		f.Outcome = Failed
	case f.saidEnd:
		f.Outcome = Finished
	case m.how == Cancelled:
		f.Outcome = HungUp
	case m.how == Broken:
		f.Outcome = CutOff
	case len(m.dialect.finished) == 0:
		// A protocol without a word for the end: that the bytes ended in order is all there is.
		f.Outcome = Finished
	default:
		f.Outcome = Unfinished
	}
	return f
}

// EachTokenGap gives the gaps that tokens came over: that before a read with tokens, and how many tokens it carried. The
// inter-token latency is gap / tokens, tokens times; of a read with several, a single one may have been anything from 0 to
// gap. The first read with tokens has a gap of 0 for those after the first, so that there are Tokens − 1 in all.
func (m *Meter) EachTokenGap(give func(gap int64, tokens int32)) {
	isFirst := true
	for i := range m.chunks {
		c := &m.chunks[i]
		switch {
		case c.Tokens == 0:
		case !isFirst:
			give(c.TokenGap, c.Tokens)
		case c.Tokens > 1:
			give(0, c.Tokens-1)
			isFirst = false
		default:
			isFirst = false
		}
	}
}
