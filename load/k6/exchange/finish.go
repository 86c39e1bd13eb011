package exchange

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"assay/load/k6/grammar"
	"assay/load/k6/meter"
	"assay/load/k6/redact"
	"assay/load/k6/rows"
	"assay/load/k6/tape"
	"assay/load/k6/wire"
)

// finish writes the row, and what else the caller gets. What came from the other side is masked.
func (f *flight) finish(a *Answer, mask *redact.Mask) {
	row := &a.Row
	how := f.end()
	f.meter.End(how)
	isWhole := f.answer != nil && !f.streams() && f.answer.StatusCode/100 == 2
	if isWhole && how == meter.Complete {
		f.whole()
	}
	figures := f.meter.Figures()
	a.FirstChunk = meter.Unknown
	if f.first != meter.Unknown {
		a.FirstChunk = f.first - (row.Start + row.Connect + row.Write)
	}
	f.copy(&figures)
	if f.answer != nil {
		row.Status = int64(f.answer.StatusCode)
		row.RetryAfter = retryAfter(f.answer.Header.Get("Retry-After"), time.Now())
		a.Headers = joinedHeaders(f.answer.Header, mask)
	}
	row.Finish = clipped(mask.Text(row.Finish), mostFinish)
	row.Outcome = f.outcome(&figures)
	if f.failed != nil {
		row.Error, a.Detail = string(f.failed.Class), clipped(mask.Text(f.failed.Detail), mostDetail)
	}
	row.Cancel = f.cancelled
	if row.Outcome != "hung-up" {
		row.Cancel = ""
	}
	if f.answer != nil && f.streams() {
		row.Broken = f.broken(how)
	}
	a.Foreign = f.nonce.Foreign()
	switch {
	case !f.nonce.Asked():
	case a.Foreign != "":
		row.Nonce = "foreign"
	case f.nonce.IsBack():
		row.Nonce = "back"
	case row.Outcome == "finished":
		row.Nonce = "missing"
	}
	if f.ask.KeepText {
		a.Text = mask.Text(string(f.text))
	}
	if row.Outcome == "refused" {
		body := mask.Bytes(f.kept)
		a.Body = strings.ToValidUTF8(string(body[:min(len(body), keptBody)]), "\uFFFD")
	}
}

// end says how the bytes ended. Where the close of the connection ends a body, it is no error. A stream that said its end
// and was left open is whole: only its connection is not.
func (f *flight) end() meter.Transport {
	switch {
	case f.cancelled != "":
		return meter.Cancelled
	case f.answer == nil:
		return meter.Broken
	case f.body.IsDone && f.failed == nil, f.isLeftOpen:
		return meter.Complete
	case f.failed != nil && f.failed.IsInOrder() && f.body.EndsByClose():
		f.failed = nil
		return meter.Complete
	}
	return meter.Broken
}

// whole reads an answer that is no stream.
func (f *flight) whole() {
	var doc tape.Doc
	doc.ParseDeep(f.kept)
	e := &grammar.Event{Type: []byte("message"), Data: f.kept, JSON: &doc}
	f.meter.Whole(e)
	if form := f.client.dialect.Whole; form != nil {
		f.texts(form, e)
		if !doc.Valid() && f.failed == nil {
			f.failed = &wire.Error{Class: wire.Garbled, Detail: "the answer is no JSON"}
		}
	}
}

func (f *flight) outcome(figures *meter.Figures) string {
	isStopped := f.failed != nil && f.failed.Class == wire.Stopped
	switch {
	case f.answer == nil && f.cancelled != "":
		return "hung-up"
	case f.answer == nil && isStopped:
		return "stopped"
	case f.answer == nil:
		return "error"
	case f.answer.StatusCode/100 != 2:
		return "refused"
	case isStopped && figures.Outcome == meter.CutOff:
		return "stopped"
	case !f.ask.Stream && figures.Outcome == meter.Unfinished:
		// A whole answer without what an answer has.
		return "failed"
	}
	return figures.Outcome.String()
}

func (f *flight) copy(from *meter.Figures) {
	r := f.row
	r.FirstByte, r.FirstToken, r.FirstAnswer = from.FirstByte, from.FirstToken, from.FirstAnswer.High
	r.Early = from.Early
	r.EndToEnd, r.PerOutputToken, r.Stall = from.EndToEnd, from.PerOutputToken, from.Stall
	r.Reads, r.Chunks, r.TokenChunks = from.Reads, from.Chunks, from.TokenChunks
	r.CoalescedChunks, r.CoalescedTokens = from.CoalescedChunks, from.CoalescedTokens
	r.Events, r.Tokens = from.Events, from.Tokens
	r.PromptTokens, r.CompletionTokens, r.ReasoningTokens = from.InputTokens, from.OutputTokens, from.ReasoningTokens
	r.Stamped, r.Lag, r.ClockSteps, r.Finish = from.Stamped, from.MaxLag, from.ClockSteps, from.Finish
}

// mostFinish is what the row has of the server's word for the end, in bytes.
const mostFinish = 64

// clipped bounds what the server says. It comes after the masking: half a key would not be known as one.
func clipped(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}

// forbidden are the rules of event streams whose breach loses something for every reader; the rest is odd at most.
var forbidden = []string{"sse/invalid-utf8", "sse/unterminated"}

func (f *flight) broken(how meter.Transport) []string {
	var ids []string
	add := func(id string) {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	end := grammar.Cut
	if how == meter.Complete {
		end = grammar.Clean
		f.reader.End()
	}
	for _, p := range f.reader.Problems() {
		if id := p.Rule.String(); slices.Contains(forbidden, id) {
			add(id)
		}
	}
	if f.run != nil {
		for _, found := range f.run.Finish(end) {
			add(found.Rule)
		}
	}
	return ids
}

// isReusable tells whether the connection may carry another request. After an answer that came before its request the true
// one may still be on its way.
func (f *flight) isReusable() bool {
	return f.failed == nil && f.cancelled == "" && f.answer != nil && f.body.IsDone && !f.isLast &&
		f.row.Early == rows.Unknown && wire.KeepsAlive(f.answer)
}

// retryAfter reads seconds or a date; negative where there is neither.
func retryAfter(value string, at time.Time) float64 {
	if seconds, err := strconv.ParseFloat(value, 64); err == nil && seconds >= 0 && seconds < 1e9 {
		return seconds
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(at).Seconds())
	}
	return -1
}

func joinedHeaders(header http.Header, mask *redact.Mask) map[string]string {
	all := make(map[string]string, len(header))
	for name, values := range header {
		all[strings.ToLower(mask.Text(name))] = mask.Text(strings.Join(values, ", "))
	}
	return all
}
