package grammar

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"assay/load/k6/internal/reference"
	"assay/load/k6/tape"
)

var dialects = []string{"openai-chat", "anthropic-messages"}

func source(t testing.TB, dialect string) []byte {
	text, err := os.ReadFile(reference.Root + "/schemas/" + dialect + "/grammar.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func compiled(t testing.TB, dialect string) *Grammar {
	g, err := Compile(source(t, dialect))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

type plainEvent struct{ Type, Data string }

// place is what two machines must agree on.
type place struct {
	Rule    string
	Event   int
	Pointer string
}

// run takes a stream through a run that has seen others before; its events lie in memory that is used again.
func run(r *Run, events []plainEvent, ended string) []place {
	r.Reset()
	var doc tape.Doc
	var memory []byte
	for _, e := range events {
		memory = append(memory[:0], e.Data...)
		doc.Parse(memory)
		r.Take(&Event{Type: []byte(e.Type), Data: memory, JSON: &doc})
	}
	var places []place
	for _, f := range r.Finish(End(ended == "cut")) {
		places = append(places, place{f.Rule, f.Event, f.Pointer})
	}
	return places
}

func TestVectors(t *testing.T) {
	for _, dialect := range dialects {
		text, err := os.ReadFile(reference.Root + "/tests/schemas/vectors/" + dialect + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Vectors []struct {
				Name     string
				Ended    string
				Events   []plainEvent
				Findings []place
			}
		}
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		r := NewRun(compiled(t, dialect))
		shown := map[string]bool{}
		for _, v := range file.Vectors {
			t.Run(dialect+"/"+v.Name, func(t *testing.T) {
				var want []place
				for _, f := range v.Findings {
					want = append(want, place{dialect + "/grammar/" + f.Rule, f.Event, ""})
					shown[f.Rule] = true
				}
				got := run(r, v.Events, v.Ended)
				for i := range got {
					got[i].Pointer = ""
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("got %v\nwant %v", got, want)
				}
			})
		}
		if len(shown) != len(r.grammar.rules) {
			t.Errorf("%s: the vectors show %d of %d rules", dialect, len(shown), len(r.grammar.rules))
		}
	}
}

// TestReference holds the machine to that of the conformance side: the same rule at the same event and place, in the
// same order, for every stream that is kept and some thousand mutations.
func TestReference(t *testing.T) {
	runs := map[string]*Run{}
	for _, dialect := range dialects {
		runs[dialect] = NewRun(compiled(t, dialect))
	}
	streams, broken, differences := 0, map[string]bool{}, 0
	reference.Read(t, "grammar", func(line struct {
		Dialect, Name, Ended string
		Events               []plainEvent
		Findings             []place
	}) {
		streams++
		for _, f := range line.Findings {
			broken[f.Rule] = true
		}
		want := line.Findings
		if len(want) == 0 {
			want = nil
		}
		got := run(runs[line.Dialect], line.Events, line.Ended)
		if reflect.DeepEqual(got, want) {
			return
		}
		if differences++; differences <= 10 {
			events, _ := json.Marshal(line.Events)
			t.Errorf("%s, %s: %.3000s\ngot  %v\nwant %v", line.Dialect, line.Name, events, got, want)
		}
	})
	t.Logf("%d streams, %d rules broken, %d differences", streams, len(broken), differences)
	if streams < 4000 || len(broken) < 55 {
		t.Fatalf("only %d streams with %d rules broken", streams, len(broken))
	}
}

func TestCompileRefuses(t *testing.T) {
	good := string(source(t, "openai-chat"))
	for _, c := range []struct{ name, from, to, says string }{
		{"what it does not know", `"initial": "start"`, `"initial": "start", "novel": 1`, "novel"},
		{"a state that is not there", `"to": "counted"`, `"to": "elsewhere"`, "elsewhere"},
		{"a rule that is not there", `"violates": "no-chunks"`, `"violates": "no-rule"`, "no-rule"},
		{"a class that is not there", `"classes": ["chunk", "usage", "notice"]`, `"classes": ["lump"]`, "lump"},
		{"a machine below none", `"below": "choice"`, `"below": "chance"`, "tool"},
		{"a type that is not there", `"is": ["missing"]`, `"is": ["absent"]`, "absent"},
		{"a path that is none", `"path": "delta.role"`, `"path": "delta..role"`, "delta..role"},
		{"a place that is none", `"path": "choices.0.delta"`, `"path": "choices.0x1.delta"`, "0x1"},
		{"a signal that is not there", `"signal": "finish",
          "rule"`, `"signal": "finis",
          "rule"`, "finis"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(good, c.from, c.to, 1)
			if bad == good {
				t.Fatal("the grammar has no such text")
			}
			if _, err := Compile([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v", err)
			}
		})
	}
}

// A grammar of our own for what the two dialects do not use: keys that are strings, and places in what is found.
const byName = `{
  "dialect": "test",
  "events": [{"class": "any"}],
  "machines": [
    {"machine": "root", "initial": "a", "states": {"a": {}}},
    {"machine": "one", "below": "root", "each": "list", "key": {"path": "name", "is": "string", "missing": "nameless"},
     "signals": [{"signal": "off", "when": [{"path": "on", "equals": [false]}]}],
     "constants": [{"path": "on", "rule": "changes"}],
     "initial": "on", "states": {"on": {"on": {"off": {"violates": "off"}}}}}
  ],
  "rules": {
    "nameless": {"title": "", "by": "should", "expected": "", "fix": "", "sources": ["x"]},
    "changes": {"title": "", "by": "should", "expected": "", "fix": "", "sources": ["x"]},
    "off": {"title": "", "by": "should", "expected": "", "fix": "", "sources": ["x"]}
  }
}`

func TestKeysThatAreStrings(t *testing.T) {
	g, err := Compile([]byte(byName))
	if err != nil {
		t.Fatal(err)
	}
	r := NewRun(g)
	got := run(r, []plainEvent{
		{"message", `{"list":[{"name":"a","on":true},{"name":"b","on":1},{"name":2}]}`},
		{"message", `{"list":[{"name":"\u0061","on":false},{"name":"b","on":1.0}]}`},
	}, "")
	want := []place{
		{"test/grammar/nameless", 0, "/list/2"},
		{"test/grammar/changes", 1, "/list/0/on"},
		{"test/grammar/off", 1, "/list/0/on"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v", got)
	}
	if f := r.Findings(); f[0].Got != "2" || f[1].Got != "false after another boolean" || f[2].Got != "false" {
		t.Fatalf("%+v", f)
	}
}

// A name that stands several times is said once an item.
const saidTwice = `{
  "dialect": "test",
  "events": [{"class": "any"}],
  "machines": [{
    "machine": "root", "initial": "even",
    "signals": [
      {"signal": "flip", "when": [{"path": "a", "is": ["number"]}]},
      {"signal": "flip", "when": [{"path": "b", "is": ["number"]}]}
    ],
    "states": {"even": {"on": {"*": {"to": "odd"}}}, "odd": {"on": {"flip": {"to": "even"}}, "end": "odd"}}
  }],
  "rules": {"odd": {"title": "", "by": "should", "expected": "", "fix": "", "sources": ["x"]}}
}`

func TestASignalIsSaidOnceAnItem(t *testing.T) {
	g, err := Compile([]byte(saidTwice))
	if err != nil {
		t.Fatal(err)
	}
	r := NewRun(g)
	want := []place{{"test/grammar/odd", 0, ""}}
	if got := run(r, []plainEvent{{"message", `{"a":1,"b":2}`}}, ""); !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v", got)
	}
	if got := run(r, []plainEvent{{"message", `{"a":1}`}, {"message", `{"b":1}`}}, ""); got != nil {
		t.Fatalf("got %v", got)
	}
}

func TestFloodOfInstancesIsBounded(t *testing.T) {
	r := NewRun(compiled(t, "openai-chat"))
	var doc tape.Doc
	text := []byte(`{"choices":[`)
	for n := 0; n < 200_000; n++ {
		text = append(append(text, `{"index":`...), itoa(int64(n))...)
		text = append(text, `,"delta":{}},`...)
	}
	text = append(text[:len(text)-1], "]}"...)
	if !doc.Parse(text) {
		t.Fatal("no JSON")
	}
	r.Take(&Event{Data: text, JSON: &doc})
	if !r.Full() || len(r.instances) != mostInstances || len(r.Finish(Clean)) != 0 {
		t.Fatalf("%d instances, %d findings", len(r.instances), len(r.Findings()))
	}
	if r.Reset(); r.Full() || len(r.keys) != 0 {
		t.Fatal("the next stream starts anew")
	}
}
