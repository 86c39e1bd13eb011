// Package tape reads JSON texts into a flat list of values that is used again for the next text: no allocation in the
// long run, no recursion over data.
//
// It takes what JSON.parse of JavaScript takes and reads it the same way: the last of equal keys counts, numbers are
// doubles, lone surrogates are kept.
package tape

import "math"

// Kind is the type of a JSON value.
type Kind uint8

const (
	Missing Kind = iota // there is no value
	Null
	Bool
	Number
	String
	Array
	Object
)

// None is the place of no value.
const None int32 = -1

// Bounds on what a value is made of; beyond them a text counts as no JSON. The conformance side has the same.
const (
	Depth  = 256
	Values = 1_000_000
)

// most bounds the size of a text: places in it are int32.
const most = math.MaxInt32

type node struct {
	start, end int32 // in the text; of a string, what stands between the quotes
	// next is the place past the last node in this one. While a container is open: the container that it is in.
	next    int32
	kind    Kind
	escaped bool
}

// A Doc is one JSON text. Values are known by their place in it; the whole text is the value 0.
type Doc struct {
	text  []byte
	nodes []node
	valid bool
	// The member that the last path of several keys began with: paths with one beginning are asked for one after the other.
	asked struct {
		object int32
		key    string
		found  int32
	}
}

// Valid tells whether the text that was read last is JSON.
func (d *Doc) Valid() bool { return d.valid }

// Root is the place of the whole value; None where the text is no JSON.
func (d *Doc) Root() int32 {
	if d.valid {
		return 0
	}
	return None
}

// Kind is the type of the value at a place.
func (d *Doc) Kind(v int32) Kind {
	if v < 0 {
		return Missing
	}
	return d.nodes[v].kind
}

// Raw is the text of the value at a place, as it stood; of a string without the quotes.
func (d *Doc) Raw(v int32) []byte {
	n := &d.nodes[v]
	return d.text[n.start:n.end]
}

// Empty tells whether the string, array or object at a place has no elements; ok is false where it is none of them.
func (d *Doc) Empty(v int32) (empty, ok bool) {
	switch d.Kind(v) {
	case String:
		return d.nodes[v].start == d.nodes[v].end, true
	case Array, Object:
		return d.nodes[v].next == v+1, true
	}
	return false, false
}

// Bool is the value of a boolean.
func (d *Doc) Bool(v int32) bool { return d.text[d.nodes[v].start] == 't' }

// First is the first element of an array; None where it has none.
func (d *Doc) First(array int32) int32 {
	if d.nodes[array].next == array+1 {
		return None
	}
	return array + 1
}

// Next is the element after one of an array; None where that was the last.
func (d *Doc) Next(array, element int32) int32 {
	if next := d.nodes[element].next; next < d.nodes[array].next {
		return next
	}
	return None
}

// Member is the value of a key of an object, of several the last; None where there is none.
func (d *Doc) Member(object int32, key string) int32 {
	found := None
	nodes, size := d.nodes, int32(len(key))
	for i, end := object+1, nodes[object].next; i < end; i = nodes[i+1].next {
		k := &nodes[i]
		if k.escaped {
			if string(unescape(nil, d.text[k.start:k.end])) == key {
				found = i + 1
			}
		} else if k.end-k.start == size && string(d.text[k.start:k.end]) == key {
			found = i + 1
		}
	}
	return found
}

// Text is a string with its escapes resolved: a part of the text where there are none, else appended to buf[:0].
// A lone surrogate is three bytes, as in WTF-8.
func (d *Doc) Text(v int32, buf []byte) []byte {
	if !d.nodes[v].escaped {
		return d.Raw(v)
	}
	return unescape(buf[:0], d.Raw(v))
}

// Equal tells whether the string at a place is s.
func (d *Doc) Equal(v int32, s string) bool {
	if !d.nodes[v].escaped {
		return string(d.Raw(v)) == s
	}
	return string(unescape(nil, d.Raw(v))) == s
}
