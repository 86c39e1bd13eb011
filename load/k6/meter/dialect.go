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

// A Dialect says, as data, where a protocol holds what is measured: in the events of its streams, and in its whole
// answers.
type Dialect struct {
	Name string
	// Whole is the form of answers that are no streams; nil where there is no data for it.
	Whole *Form
	Form
}

// A Form says where one kind of message holds what is measured.
type Form struct {
	any      Kind // every event with data is of this kind
	tokens   []place
	input    []tape.Path
	output   []tape.Path
	thought  []tape.Path
	finish   []place
	finished []grammar.Test
	failed   []grammar.Test
}

// A place is where a string stands.
type place struct {
	kind Kind
	each []tape.Path // arrays in arrays: every element of every one is looked at
	path tape.Path
}

type placeDoc struct {
	Kind string   `json:"kind"`
	Each []string `json:"each"`
	Path string   `json:"path"`
}

type formDoc struct {
	Any    string     `json:"any"`
	Tokens []placeDoc `json:"tokens"`
	Usage  struct {
		Input     []string `json:"input"`
		Output    []string `json:"output"`
		Reasoning []string `json:"reasoning"`
	} `json:"usage"`
	Finish   []placeDoc            `json:"finish"`
	Finished [][]grammar.Condition `json:"finished"`
	Failed   [][]grammar.Condition `json:"failed"`
}

type dialectDoc struct {
	Dialect string   `json:"dialect"`
	Whole   *formDoc `json:"whole"`
	formDoc
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
	var err error
	if d.Form, err = compileForm(&doc.formDoc); err != nil {
		return nil, err
	}
	if doc.Whole != nil {
		whole, err := compileForm(doc.Whole)
		if err != nil {
			return nil, fmt.Errorf("whole: %w", err)
		}
		d.Whole = &whole
	}
	return d, nil
}

func compileForm(doc *formDoc) (f Form, err error) {
	if doc.Any != "" {
		if f.any = kindNames[doc.Any]; f.any == Nothing {
			return f, fmt.Errorf("no kind %q", doc.Any)
		}
	}
	if f.tokens, err = parsePlaces(doc.Tokens, true); err != nil {
		return f, err
	}
	if f.finish, err = parsePlaces(doc.Finish, false); err != nil {
		return f, err
	}
	for _, list := range []struct {
		from []string
		to   *[]tape.Path
	}{{doc.Usage.Input, &f.input}, {doc.Usage.Output, &f.output}, {doc.Usage.Reasoning, &f.thought}} {
		if *list.to, err = parsePaths(list.from); err != nil {
			return f, err
		}
	}
	for _, list := range []struct {
		from [][]grammar.Condition
		to   *[]grammar.Test
	}{{doc.Finished, &f.finished}, {doc.Failed, &f.failed}} {
		for _, conditions := range list.from {
			test, err := grammar.CompileTest(conditions)
			if err != nil {
				return f, err
			}
			*list.to = append(*list.to, test)
		}
	}
	return f, nil
}

func parsePlaces(docs []placeDoc, hasKind bool) ([]place, error) {
	var places []place
	for _, doc := range docs {
		kind, isKind := kindNames[doc.Kind]
		if isKind != hasKind {
			return nil, fmt.Errorf("no kind %q", doc.Kind)
		}
		each, err := parsePaths(doc.Each)
		if err != nil {
			return nil, err
		}
		path, err := tape.ParsePath(doc.Path)
		if err != nil {
			return nil, err
		}
		places = append(places, place{kind, each, path})
	}
	return places, nil
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
