// Package nonce finds the nonces of a run in an answer that comes in pieces: a request's own, and those of others.
//
// A nonce is assay-<run>-<8 hexadecimal digits>, in lower case.
package nonce

import "bytes"

// digits is the length of what tells one nonce of a run from another.
const digits = 8

// A Matcher looks for nonces in the texts of one answer.
type Matcher struct {
	own     []byte
	prefix  []byte
	tails   [kinds][]byte // the end of each text, which may be the beginning of a nonce
	isBack  bool
	foreign []byte
}

// kinds is the number of texts that an answer may have side by side: content, reasoning, calls of tools.
const kinds = 3

// Reset makes it ready for an answer that must have the nonce own; without one it finds nothing.
func (m *Matcher) Reset(own string) {
	m.own = append(m.own[:0], own...)
	m.prefix = nil
	if len(own) > digits {
		m.prefix = m.own[:len(own)-digits]
	}
	for i := range m.tails {
		m.tails[i] = m.tails[i][:0]
	}
	m.isBack, m.foreign = false, m.foreign[:0]
}

// Add takes the next piece of one of the texts (0 to 2).
func (m *Matcher) Add(text int, piece []byte) {
	if m.prefix == nil || len(piece) == 0 {
		return
	}
	tail := &m.tails[text]
	joined := append(*tail, piece...)
	from := joined
	for {
		at := bytes.Index(from, m.prefix)
		if at < 0 || len(from)-at < len(m.own) {
			break
		}
		m.found(from[at : at+len(m.own)])
		from = from[at+len(m.prefix):]
	}
	// What a nonce that is not whole yet can be in.
	keep := min(len(joined), len(m.own)-1)
	*tail = append(joined[:0], joined[len(joined)-keep:]...)
}

func (m *Matcher) found(candidate []byte) {
	if bytes.Equal(candidate, m.own) {
		m.isBack = true
		return
	}
	for _, c := range candidate[len(m.prefix):] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return
		}
	}
	if len(m.foreign) == 0 {
		m.foreign = append(m.foreign, candidate...)
	}
}

// Asked tells whether there is a nonce to look for.
func (m *Matcher) Asked() bool { return m.prefix != nil }

// IsBack tells whether the answer has its own nonce.
func (m *Matcher) IsBack() bool { return m.isBack }

// Foreign is the first nonce of another request in the answer; "" where there is none.
func (m *Matcher) Foreign() string { return string(m.foreign) }
