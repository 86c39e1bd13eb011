// Package redact masks secrets at equal length, in every form in which a server may write them back.
//
// The redactor of records, reports/record/redact.ts, is the reference: both mask the same bytes.
package redact

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"
)

// Shortest is the least length of a secret, in UTF-16 units: shorter ones stand by chance in any text.
const Shortest = 8

// A Mask masks a set of secrets. It may be used by any number of goroutines; a nil Mask masks nothing.
type Mask struct{ forms []*form }

// form is one way to write a secret.
type form struct {
	pattern *regexp.Regexp
	// The value, where a text without escapes can hold it in no other spelling: to look for that is much faster.
	plain []byte
	// Of base64: characters before and after that share bits with the secret.
	before, after bool
}

// compiled holds the forms of secrets that were met: a secret may come with each request.
var compiled sync.Map // of string to []*form

// New makes a mask. Values that are too short are an error that does not show them.
func New(secrets ...[]string) (*Mask, error) {
	m := new(Mask)
	for _, list := range secrets {
		for _, value := range list {
			forms, err := formsOf(value)
			if err != nil {
				return nil, err
			}
			m.forms = append(m.forms, forms...)
		}
	}
	if len(m.forms) == 0 {
		return nil, nil
	}
	return m, nil
}

func formsOf(value string) ([]*form, error) {
	if known, isKnown := compiled.Load(value); isKnown {
		return known.([]*form), nil
	}
	if units(value) < Shortest {
		return nil, fmt.Errorf("a secret is shorter than %d characters and cannot be masked", Shortest)
	}
	plain, err := plainForm(value)
	if err != nil {
		return nil, err
	}
	forms := []*form{plain}
	for shift := range 3 {
		coded, err := base64Form(value, shift)
		if err != nil {
			return nil, err
		}
		forms = append(forms, coded)
	}
	compiled.Store(value, forms)
	return forms, nil
}

// Bytes gives the bytes with every form of every secret masked; p stays as it is.
func (m *Mask) Bytes(p []byte) []byte {
	if m == nil || len(p) == 0 {
		return p
	}
	masked := append([]byte(nil), p...)
	// Patterns are of characters: each byte is one here.
	text, starts := widened(p)
	for _, f := range m.forms {
		f.each(text, starts, p, func(start, end int) {
			for i := start; i < end; i++ {
				masked[i] = '*'
			}
		})
	}
	return masked
}

// Text is Bytes for a text.
func (m *Mask) Text(s string) string {
	if m == nil || s == "" {
		return s
	}
	return string(m.Bytes([]byte(s)))
}

// widened gives the bytes as characters of the same number, in UTF-8, and of each place in it the byte that it is of.
func widened(p []byte) (text []byte, places []int) {
	text, places = make([]byte, 0, len(p)), make([]int, 0, len(p)+1)
	for i, b := range p {
		if b < 0x80 {
			text, places = append(text, b), append(places, i)
		} else {
			text, places = append(text, 0xc0|b>>6, 0x80|b&0x3f), append(places, i, i)
		}
	}
	return text, append(places, len(p))
}

// each gives the places of a form in p, which may overlap.
func (f *form) each(text []byte, places []int, p []byte, give func(start, end int)) {
	if f.plain != nil && bytes.IndexAny(p, "%\\+") < 0 && !bytes.Contains(p, f.plain) {
		return
	}
	for from := 0; from < len(text); {
		found := f.pattern.FindIndex(text[from:])
		if found == nil {
			return
		}
		start, end := places[from+found[0]], places[from+found[1]]
		from += found[0] + 1
		for from < len(text) && text[from]&0xc0 == 0x80 {
			from++
		}
		if f.before && start > 0 && isBase64(p[start-1]) {
			start--
		}
		if f.after && end < len(p) && isBase64(p[end]) {
			end++
		}
		give(start, end)
	}
}

func isBase64(b byte) bool {
	return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '+' || b == '/' || b == '_' || b == '-'
}
