package meter

import (
	"assay/load/k6/grammar"
	"assay/load/k6/tape"
)

// kinds is the set of what an event brings.
func (d *Form) kinds(e *grammar.Event) Kind {
	if d.any != Nothing {
		if len(e.Data) > 0 {
			return d.any
		}
		return Nothing
	}
	if e.JSON == nil || !e.JSON.Valid() {
		return Nothing
	}
	found := Nothing
	for i := range d.tokens {
		t := &d.tokens[i]
		if found&t.kind == 0 && holdsText(e.JSON, e.JSON.Root(), t.each, t.path) {
			found |= t.kind
		}
	}
	return found
}

// holdsText tells whether a string at the path is not empty, in any element of the arrays on the way.
func holdsText(doc *tape.Doc, v int32, each []tape.Path, path tape.Path) bool {
	if len(each) == 0 {
		v = doc.At(v, path)
		if doc.Kind(v) != tape.String {
			return false
		}
		empty, _ := doc.Empty(v)
		return !empty
	}
	list := doc.At(v, each[0])
	if doc.Kind(list) != tape.Array {
		return false
	}
	for element := doc.First(list); element >= 0; element = doc.Next(list, element) {
		if holdsText(doc, element, each[1:], path) {
			return true
		}
	}
	return false
}

// number takes the first whole number at one of the paths, and leaves into as it is where there is none.
func number(doc *tape.Doc, paths []tape.Path, into *int64) {
	for _, path := range paths {
		if n, ok := doc.Index(doc.At(doc.Root(), path)); ok {
			*into = n
			return
		}
	}
}

func anyHolds(tests []grammar.Test, e *grammar.Event) bool {
	root := tape.None
	if e.JSON != nil {
		root = e.JSON.Root()
	}
	for _, test := range tests {
		if test.Holds(e, root) {
			return true
		}
	}
	return false
}

// EachText gives the strings that an event or a whole answer brings, in order: of content, reasoning and calls of tools; of
// an object, as the arguments of a call may be, its JSON. They are valid until the next call. Where every event with data counts, its data is the text.
func (d *Form) EachText(e *grammar.Event, give func(kind Kind, text []byte)) {
	if d.any != Nothing {
		give(d.any, e.Data)
		return
	}
	if e.JSON == nil || !e.JSON.Valid() {
		return
	}
	for i := range d.tokens {
		t := &d.tokens[i]
		eachText(e.JSON, e.JSON.Root(), t.each, t.path, func(v int32) { give(t.kind, e.JSON.Text(v, nil)) })
	}
}

// finishWord is the word for the end that an event or a whole answer has: the first of them; "" where it has none.
func (d *Form) finishWord(e *grammar.Event) string {
	if e.JSON == nil || !e.JSON.Valid() {
		return ""
	}
	word := ""
	for i := range d.finish {
		f := &d.finish[i]
		eachText(e.JSON, e.JSON.Root(), f.each, f.path, func(v int32) {
			if word == "" && e.JSON.Kind(v) == tape.String {
				word = string(e.JSON.Text(v, nil))
			}
		})
	}
	return word
}

// eachText gives the strings and objects at a path.
func eachText(doc *tape.Doc, v int32, each []tape.Path, path tape.Path, give func(v int32)) {
	if len(each) == 0 {
		v = doc.At(v, path)
		if kind := doc.Kind(v); kind == tape.String || kind == tape.Object {
			give(v)
		}
		return
	}
	list := doc.At(v, each[0])
	if doc.Kind(list) != tape.Array {
		return
	}
	for element := doc.First(list); element >= 0; element = doc.Next(list, element) {
		eachText(doc, element, each[1:], path, give)
	}
}
