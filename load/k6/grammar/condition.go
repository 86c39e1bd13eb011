package grammar

import (
	"errors"
	"fmt"
	"math/bits"

	"assay/load/k6/tape"
)

// An Event is one dispatched event. JSON is nil, or not valid, where the data is no JSON.
type Event struct {
	Type, Data []byte
	JSON       *tape.Doc
}

// root is the place of the event's whole value.
func (e *Event) root() int32 {
	if e.JSON == nil {
		return tape.None
	}
	return e.JSON.Root()
}

// A Test is a list of conditions that must all hold, made ready.
type Test []test

type test struct {
	class, typ, data bool // whether these three are asked for
	classes          uint64
	types, texts     []string
	hasPath          bool
	path             tape.Path
	pointer          string
	is               uint8 // by kind; 0: not asked for
	equals           []scalar
	empty, named     int8 // 0: not asked for; 1: must be; -1: must not be
}

// A scalar of a grammar.
type scalar struct {
	kind tape.Kind
	text string
	num  float64
	bool bool
}

var kinds = map[string]tape.Kind{
	"missing": tape.Missing, "null": tape.Null, "boolean": tape.Bool, "number": tape.Number, "string": tape.String,
	"array": tape.Array, "object": tape.Object,
}

// CompileTest makes conditions ready that are not about the class of an event.
func CompileTest(conditions []Condition) (Test, error) {
	return compileTest(conditions, nil)
}

func compileTest(conditions []Condition, classes map[string]int) (Test, error) {
	var tests Test
	for _, c := range conditions {
		t := test{class: c.Class != nil, typ: c.Type != nil, data: c.Data != nil, types: c.Type, texts: c.Data}
		for _, name := range c.Class {
			number, ok := classes[name]
			if !ok {
				return nil, fmt.Errorf("no class %q", name)
			}
			t.classes |= 1 << number
		}
		if c.Path == nil {
			if c.Is != nil || c.Equals != nil || c.Empty != nil || c.Named != nil {
				return nil, errors.New("a condition on a value names no path")
			}
			tests = append(tests, t)
			continue
		}
		path, err := tape.ParsePath(*c.Path)
		if err != nil {
			return nil, err
		}
		t.hasPath, t.path, t.pointer = true, path, pointerOf(*c.Path)
		if t.is, err = kindSet(c.Is); err != nil {
			return nil, err
		}
		for _, v := range c.Equals {
			s := scalar{kind: tape.Null}
			switch v := v.(type) {
			case nil:
			case string:
				s = scalar{kind: tape.String, text: v}
			case float64:
				s = scalar{kind: tape.Number, num: v}
			case bool:
				s = scalar{kind: tape.Bool, bool: v}
			default:
				return nil, fmt.Errorf("%v is no scalar", v)
			}
			t.equals = append(t.equals, s)
		}
		t.empty, t.named = sign(c.Empty), sign(c.Named)
		tests = append(tests, t)
	}
	return tests, nil
}

func kindSet(names []string) (uint8, error) {
	var set uint8
	for _, name := range names {
		kind, ok := kinds[name]
		if !ok {
			return 0, fmt.Errorf("no type %q", name)
		}
		set |= 1 << kind
	}
	return set, nil
}

func sign(b *bool) int8 {
	switch {
	case b == nil:
		return 0
	case *b:
		return 1
	}
	return -1
}

// Holds tells whether the conditions hold of an item of an event: a place in its JSON.
func (ts Test) Holds(e *Event, item int32) bool { return ts.holds(e, 0, item) }

// holds: class is the set that has only the class of the event, or none where that is not known yet.
func (ts Test) holds(e *Event, class uint64, item int32) bool {
	for i := range ts {
		if !ts[i].holds(e, class, item) {
			return false
		}
	}
	return true
}

func (t *test) holds(e *Event, class uint64, item int32) bool {
	if t.class && t.classes&class == 0 || t.typ && !has(t.types, e.Type) || t.data && !has(t.texts, e.Data) {
		return false
	}
	if !t.hasPath {
		return true
	}
	doc := e.JSON
	v, kind := tape.None, tape.Missing
	if item >= 0 {
		v = doc.At(item, t.path)
		kind = doc.Kind(v)
	}
	if t.is != 0 && t.is&(1<<kind) == 0 {
		return false
	}
	if t.equals != nil && !isOneOf(t.equals, doc, v, kind) {
		return false
	}
	if t.empty != 0 {
		if v < 0 {
			return false
		}
		if empty, ok := doc.Empty(v); !ok || empty != (t.empty > 0) {
			return false
		}
	}
	return t.named == 0 || kind == tape.String && doc.Equal(v, string(e.Type)) == (t.named > 0)
}

func has(texts []string, text []byte) bool {
	for _, t := range texts {
		if t == string(text) {
			return true
		}
	}
	return false
}

func isOneOf(scalars []scalar, doc *tape.Doc, v int32, kind tape.Kind) bool {
	for i := range scalars {
		s := &scalars[i]
		if s.kind != kind {
			continue
		}
		switch kind {
		case tape.Null:
			return true
		case tape.String:
			if doc.Equal(v, s.text) {
				return true
			}
		case tape.Number:
			if doc.Float(v) == s.num {
				return true
			}
		case tape.Bool:
			if doc.Bool(v) == s.bool {
				return true
			}
		}
	}
	return false
}

// pointed is the first path of a list of conditions; nil where none has one.
func (ts Test) pointed() *test {
	for i := range ts {
		if ts[i].hasPath {
			return &ts[i]
		}
	}
	return nil
}

func lowest(set uint64) int { return bits.TrailingZeros64(set) }
