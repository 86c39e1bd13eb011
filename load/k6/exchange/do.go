package exchange

import (
	"net/http"
	"strings"

	"assay/load/k6/grammar"
	"assay/load/k6/meter"
	"assay/load/k6/rows"
	"assay/load/k6/wire"
)

// Do makes one request, and gives what became of it: always a row, which the recorder got too. start is when the request
// was handed over, in ns of the run.
func (c *Client) Do(ask *Ask, s *Stopper, start int64) *Answer {
	c.tally.Started.Add(1)
	defer c.tally.Ended.Add(1)
	a := &Answer{Row: newRow(ask, start)}
	s.drains(c.options.Deadlines.Drain)
	f := c.flights.Get().(*flight)
	f.begin(ask, &a.Row)
	mask, err := c.maskFor(ask)
	if err != nil {
		// Nothing is sent whose answer could not be masked.
		f.failed = &wire.Error{Class: wire.Other, Detail: err.Error()}
	}
	if f.failed == nil && f.mayBegin(s) && f.send(s) {
		f.receive()
	}
	f.finish(a, mask)
	f.Return()
	f.leave(s, f.isReusable())
	if to := c.record(); to != nil {
		to.Row(&a.Row)
	}
	if cap(f.kept)+cap(f.text)+f.out.Cap() < keptFlight && a.Row.Bytes < keptFlight {
		c.flights.Put(f)
	}
	return a
}

func newRow(ask *Ask, start int64) rows.Row {
	const unknown = rows.Unknown
	none := meter.Bound{Low: unknown, High: unknown}
	return rows.Row{
		ID: lastID.Add(1), Phase: ask.Phase, Scenario: ask.Scenario, Model: ask.Model, Key: ask.Key, Stream: ask.Stream,
		Planned: ask.Planned, Start: start, Connect: unknown, Write: unknown, FirstByte: unknown, FirstToken: none,
		FirstAnswer: unknown, EndToEnd: unknown, PerOutputToken: unknown, Stall: none, Status: unknown,
		PromptTokens: unknown, CompletionTokens: unknown, ReasoningTokens: unknown, MaxTokens: ask.MaxTokens,
		AskedPromptTokens: ask.PromptTokens, Lag: unknown, RetryAfter: -1, NonceSent: ask.Nonce,
		Early: unknown,
	}
}

// mayBegin tells whether the request may be sent, and takes it from the budget.
func (f *flight) mayBegin(s *Stopper) bool {
	if s.isStopping() {
		f.failed = &wire.Error{Class: wire.Stopped, Detail: "the run ended"}
	} else if what := f.client.budget.reserve(f.client.options.Caps, f.ask.costs()); what != "" {
		f.failed = &wire.Error{Class: wire.Capped, Detail: what}
	}
	return f.failed == nil
}

// receive reads the answer to its end.
func (f *flight) receive() {
	rest, isHere := f.receiveHead()
	if !isHere {
		return
	}
	f.body.Reset(f.answer)
	d := &f.client.options.Deadlines
	if f.streams() {
		f.due.fix(f.row.Start+f.row.Connect+f.row.Write+int64(d.FirstToken), wire.FirstTokenTimeout)
	} else {
		f.due.fix(never, wire.TotalTimeout)
	}
	f.take(rest)
	for !f.isOver() {
		p, r, isOver := f.read()
		if isOver {
			break
		}
		body, after, err := f.body.Take(p)
		f.measured(r, len(body))
		f.takeBody(body)
		f.after(after, err)
	}
}

// receiveHead reads up to the body, and gives what the last read had of it.
func (f *flight) receiveHead() (rest []byte, isHere bool) {
	for {
		p, r, isOver := f.read()
		if isOver {
			return nil, false
		}
		before := f.head.Interim
		rest, isDone, err := f.head.Take(p)
		if err != nil {
			f.failed = err
			return nil, false
		}
		if f.head.Interim > before {
			// All reads before this one held interim answers.
			f.early = f.early[:0]
		}
		if f.head.HasBegun() {
			f.early = append(f.early, r)
		}
		if isDone {
			f.answer = f.head.Response
			f.isCoded = isCoded(f.answer.Header)
			// What the write met is no matter when there is an answer; what was not written would be missed by the next one.
			f.isLast = f.isLast || f.failed != nil
			f.failed = nil
			return rest, true
		}
	}
}

// take takes what came with the head: its reads are measured now that it is known what they hold.
func (f *flight) take(rest []byte) {
	last := len(f.early) - 1
	for _, r := range f.early[:last] {
		f.measured(r, 0)
	}
	body, after, err := f.body.Take(rest)
	f.measured(f.early[last], len(body))
	f.takeBody(body)
	f.after(after, err)
}

// after looks at what follows a body: a connection with bytes that nobody asked for is not used again.
func (f *flight) after(rest []byte, err *wire.Error) {
	if err != nil && f.failed == nil {
		f.failed = err
	}
	if len(rest) > 0 {
		f.isLast = true
	}
}

// isCoded tells whether the body is in a content coding.
func isCoded(header http.Header) bool {
	coding := strings.TrimSpace(header.Get("Content-Encoding"))
	return coding != "" && !strings.EqualFold(coding, "identity")
}

func (f *flight) isOver() bool { return f.failed != nil || f.cancelled != "" || f.body.IsDone }

// streams tells whether the answer is read as a stream: what was asked for decides, not what the answer calls itself.
func (f *flight) streams() bool { return f.ask.Stream && f.answer.StatusCode/100 == 2 }

// takeBody takes what a read brought of the body.
func (f *flight) takeBody(p []byte) {
	if len(p) == 0 {
		return
	}
	f.row.Bytes += int64(len(p))
	bound := f.client.options.Bounds.Body
	switch {
	case f.isCoded:
		// It cannot be read, and keys in it cannot be masked: none of it is kept.
		if f.failed == nil && f.answer.StatusCode/100 == 2 {
			f.failed = &wire.Error{Class: wire.Garbled, Detail: "a content coding that nobody asked for"}
		}
	case f.row.Bytes > bound:
		f.failed = &wire.Error{Class: wire.TooLarge, Detail: "more bytes than an answer may have"}
	case f.streams():
		f.takeEvents(p)
	case f.answer.StatusCode/100 == 2:
		f.kept = append(f.kept, p...)
	default:
		f.kept = append(f.kept, p[:min(len(p), max(0, keptBody+maskedMargin-len(f.kept)))]...)
	}
}

func (f *flight) takeEvents(p []byte) {
	f.number++
	f.reader.Feed(p, f.number)
	isToken, d := false, f.desk
	for f.reader.Next(&d.event) {
		d.doc.Parse(d.event.Data)
		d.seen = grammar.Event{Type: d.event.Type, Data: d.event.Data, JSON: &d.doc}
		if f.run != nil {
			f.run.Take(&d.seen)
		}
		if f.meter.Event(&d.seen, d.event.End) != meter.Nothing {
			isToken = true
			f.texts(&f.client.dialect.Form, &d.seen)
		}
	}
	if f.reader.Full() && f.failed == nil {
		f.failed = &wire.Error{Class: wire.TooLarge, Detail: "a line or an event longer, or more events, than a stream may have"}
	}
	between := int64(f.client.options.Deadlines.Between)
	switch {
	case f.isSaid:
	case f.meter.IsSaid():
		// What is still to come is the end of the body. Clients have left by now, so it is not waited for as for a token, and
		// no comment that comes instead makes it longer.
		f.isSaid = true
		f.due.fix(f.last+min(between, int64(openEnd)), wire.BetweenTimeout)
	case isToken || f.due.class == wire.BetweenTimeout:
		f.due.move(f.last+between, between/8, wire.BetweenTimeout)
	}
	if isToken {
		f.stall()
		if most := f.ask.CancelTokens; most > 0 && f.meter.Tokens() >= most && !f.body.IsDone {
			f.cancelled = "tokens"
		}
	}
}

// texts takes the texts of an event or a whole answer.
func (f *flight) texts(form *meter.Form, e *grammar.Event) {
	if !f.nonce.Asked() && !f.ask.KeepText {
		return
	}
	form.EachText(e, f.takeText)
}

func (f *flight) takeText(kind meter.Kind, text []byte) {
	switch kind {
	case meter.Reasoning:
		f.nonce.Add(1, text)
	case meter.Tool:
		f.nonce.Add(2, text)
	default:
		f.nonce.Add(0, text)
		if f.ask.KeepText {
			f.text = append(f.text, text...)
		}
	}
}
