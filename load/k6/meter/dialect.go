package meter

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"

	"assay/load/k6/grammar"
	"assay/load/k6/tape"
)

// Kind is what an event brings, as a set.
type Kind uint8

const (
	// Nothing that counts: a ping, an empty delta, usage, the end.
	Nothing   Kind = 0
	Answer    Kind = 1 // text or a refusal
	Reasoning Kind = 2 // thinking that is shown
	Tool      Kind = 4 // a call of a tool: its name, or a part of its arguments
)

var kindNames = map[string]Kind{"answer": Answer, "reasoning": Reasoning, "tool": Tool}

// A Dialect says, as data, where the events of a protocol hold what is measured.
type Dialect struct {
	Name     string
	any      Kind // every event with data is of this kind
	tokens   []tokenPath
	input    []tape.Path
	output   []tape.Path
	thought  []tape.Path
	finished []grammar.Test
	failed   []grammar.Test
}

type tokenPath struct {
	kind Kind
	each []tape.Path // arrays in arrays: every element of every one is looked at
	path tape.Path
}

type dialectDoc struct {
	Dialect string `json:"dialect"`
	Any     string `json:"any"`
	Tokens  []struct {
		Kind string   `json:"kind"`
		Each []string `json:"each"`
		Path string   `json:"path"`
	} `json:"tokens"`
	Usage struct {
		Input     []string `json:"input"`
		Output    []string `json:"output"`
		Reasoning []string `json:"reasoning"`
	} `json:"usage"`
	Finished [][]grammar.Condition `json:"finished"`
	Failed   [][]grammar.Condition `json:"failed"`
}

//go:embed dialects/*.json
var dialects embed.FS

// Dialects reads every dialect that there is data for, by name. `raw` takes any event stream.
func Dialects() (map[string]*Dialect, error) {
	files, err := dialects.ReadDir("dialects")
	if err != nil {
		return nil, err
	}
	all := map[string]*Dialect{}
	for _, file := range files {
		text, err := dialects.ReadFile(path.Join("dialects", file.Name()))
		if err != nil {
			return nil, err
		}
		d, err := compileDialect(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		all[d.Name] = d
	}
	return all, nil
}

func compileDialect(text []byte) (*Dialect, error) {
	var doc dialectDoc
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return nil, err
	}
	d := &Dialect{Name: doc.Dialect}
	if doc.Any != "" {
		if d.any = kindNames[doc.Any]; d.any == Nothing {
			return nil, fmt.Errorf("no kind %q", doc.Any)
		}
	}
	for _, t := range doc.Tokens {
		kind, ok := kindNames[t.Kind]
		if !ok {
			return nil, fmt.Errorf("no kind %q", t.Kind)
		}
		each, err := parsePaths(t.Each)
		if err != nil {
			return nil, err
		}
		path, err := tape.ParsePath(t.Path)
		if err != nil {
			return nil, err
		}
		d.tokens = append(d.tokens, tokenPath{kind, each, path})
	}
	var err error
	for _, list := range []struct {
		from []string
		to   *[]tape.Path
	}{{doc.Usage.Input, &d.input}, {doc.Usage.Output, &d.output}, {doc.Usage.Reasoning, &d.thought}} {
		if *list.to, err = parsePaths(list.from); err != nil {
			return nil, err
		}
	}
	for _, list := range []struct {
		from [][]grammar.Condition
		to   *[]grammar.Test
	}{{doc.Finished, &d.finished}, {doc.Failed, &d.failed}} {
		for _, conditions := range list.from {
			test, err := grammar.CompileTest(conditions)
			if err != nil {
				return nil, err
			}
			*list.to = append(*list.to, test)
		}
	}
	return d, nil
}

func parsePaths(texts []string) ([]tape.Path, error) {
	var paths []tape.Path
	for _, text := range texts {
		path, err := tape.ParsePath(text)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// kinds is the set of what an event brings.
func (d *Dialect) kinds(e *grammar.Event) Kind {
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
