// Package exchange makes one request after the other and measures them: the client of the load engine.
package exchange

import (
	"time"

	"assay/load/k6/rows"
)

// An Ask is one request.
type Ask struct {
	Body    []byte
	Stream  bool
	Headers map[string]string
	// Secrets of this request, on top of the client's.
	Secrets []string
	// Nonce that must come back; "" for none.
	Nonce string
	// Labels of the row.
	Phase, Scenario, Model, Key string
	// MaxTokens and PromptTokens are what was asked for; rows.Unknown where it is not known.
	MaxTokens, PromptTokens int64
	// Planned is when it should have begun, in ns of the run; rows.Unknown for at once.
	Planned int64
	// CancelTokens and CancelAfter make us hang up; 0: not.
	CancelTokens int64
	CancelAfter  time.Duration
	// Stall makes the reader sleep once, after the first token.
	Stall time.Duration
	// KeepText keeps the text of the answer.
	KeepText bool
	// EachGap takes each gap in ns: between reads with bytes of the body (tokens 0), and between reads with tokens, with how
	// many the later one has; nil: nobody wants them.
	EachGap func(gap int64, tokens int32)
}

// An Answer is what became of an Ask.
type Answer struct {
	Row rows.Row
	// FirstChunk is the time from sent to the first read with bytes of the body; rows.Unknown without one.
	FirstChunk int64
	// Detail says more of the error of the row, masked; "" where there is none.
	Detail string
	// Headers of the answer, masked; several of a name are joined by ", ".
	Headers map[string]string
	// Body of an answer that is not 2xx, masked: its first part.
	Body string
	// Text of the answer, where it was to be kept.
	Text string
	// Foreign is the nonce of another request that was in the answer.
	Foreign string
}

// Deadlines of the phases of a request. All are positive.
type Deadlines struct {
	Connect, Headers, FirstToken, Between, Total time.Duration
	// Drain is how long requests may go on when the run has ended.
	Drain time.Duration
}

// Bounds on what an answer may make us keep.
type Bounds struct {
	// Body is the most bytes of a body.
	Body int64
}

// Caps bound what is asked for in all.
type Caps struct {
	Requests, Tokens int64 // 0: no bound
}
