package sse

import (
	"cmp"
	"slices"
)

// A Rule names something odd in a stream. Not each is forbidden: whoever judges decides.
type Rule uint8

const (
	// BOM: a byte order mark at the start, which is taken off.
	BOM Rule = iota
	// Unterminated: the last record has data and no blank line ends it: it is discarded.
	Unterminated
	// UnterminatedLine: the input ends inside a line, and no data is lost by that.
	UnterminatedLine
	// InvalidUTF8: bytes that are no UTF-8. A code point cut by the end of input does not count.
	InvalidUTF8
	UnknownField
	NulInID
	BadRetry
	// EventWithoutData: a record with an event field and no data: it is discarded.
	EventWithoutData
	// TooMany: more events and comments than the bound: reading stopped there.
	TooMany
	// TooLong: a line or the data of an event is longer than the bound: reading stopped there.
	TooLong
	rules
)

var names = [rules]string{
	"sse/bom", "sse/unterminated", "sse/unterminated-line", "sse/invalid-utf8", "sse/unknown-field", "sse/nul-in-id",
	"sse/bad-retry", "sse/event-without-data", "sse/too-many", "sse/too-long",
}

// String is the id of the rule, as the conformance side writes it.
func (r Rule) String() string { return names[r] }

// A Problem is a rule and the bytes of the stream that it is about.
type Problem struct {
	Rule   Rule
	Offset int64
	Length int64
}

// problemsPerRule bounds what a hostile stream can make a reader keep.
const problemsPerRule = 100

func (r *Reader) note(rule Rule, offset, length int64) {
	if r.counts[rule] == problemsPerRule {
		return
	}
	r.counts[rule]++
	r.problems = append(r.problems, Problem{rule, offset, length})
}

// Problems are those found so far, in order of offset; at most 100 of each rule.
func (r *Reader) Problems() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if a.Offset != b.Offset {
			return cmp.Compare(a.Offset, b.Offset)
		}
		return cmp.Compare(names[a.Rule], names[b.Rule])
	})
	return r.problems
}
