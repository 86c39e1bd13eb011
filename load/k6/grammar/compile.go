package grammar

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"assay/load/k6/tape"
)

// Compile reads a grammar.json. It refuses what it does not understand rather than passing it over.
func Compile(text []byte) (*Grammar, error) {
	var doc document
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return nil, fmt.Errorf("grammar: %w", err)
	}
	c := compiler{grammar: &Grammar{Dialect: doc.Dialect}, classes: map[string]int{}, rules: map[string]int{}}
	if err := c.compile(&doc); err != nil {
		return nil, fmt.Errorf("grammar of %s: %w", doc.Dialect, err)
	}
	return c.grammar, nil
}

type compiler struct {
	grammar *Grammar
	classes map[string]int
	rules   map[string]int
	root    map[string]int // signals of the root machine
}

func (c *compiler) compile(doc *document) error {
	if len(doc.Machines) == 0 || len(doc.Events) == 0 {
		return fmt.Errorf("there are no machines or no events")
	}
	if len(doc.Machines) > 64 {
		return fmt.Errorf("more than 64 machines")
	}
	if len(doc.Rules) > 64*ruleSets {
		return fmt.Errorf("more than %d rules", 64*ruleSets)
	}
	for name := range doc.Rules {
		c.rules[name] = len(c.grammar.rules)
		c.grammar.rules = append(c.grammar.rules, doc.Dialect+"/grammar/"+name)
	}
	for _, e := range doc.Events {
		if _, known := c.classes[e.Class]; !known {
			c.classes[e.Class] = len(c.classes)
		}
	}
	if len(c.classes) > 64 {
		return fmt.Errorf("more than 64 classes")
	}
	for _, e := range doc.Events {
		when, err := compileTest(e.When, nil)
		if err != nil {
			return fmt.Errorf("class %s: %w", e.Class, err)
		}
		rule, err := c.rule(e.Violates)
		if err != nil {
			return err
		}
		c.grammar.events = append(c.grammar.events, class{when, 1 << c.classes[e.Class], rule})
	}
	if len(doc.Events[len(doc.Events)-1].When) > 0 {
		return fmt.Errorf("the last class of events has conditions")
	}
	for _, m := range doc.Every {
		when, err := compileTest(m.When, c.classes)
		if err != nil {
			return err
		}
		rule, err := c.rule(m.Violates)
		if err != nil {
			return err
		}
		c.grammar.every = append(c.grammar.every, brokenBy{when, rule})
	}
	for i := range doc.Machines {
		m, err := c.machine(&doc.Machines[i], i == 0)
		if err != nil {
			return fmt.Errorf("machine %s: %w", doc.Machines[i].Machine, err)
		}
		above := slices.IndexFunc(doc.Machines[:i], func(a machineDoc) bool { return a.Machine == doc.Machines[i].Below })
		if i > 0 && above < 0 {
			return fmt.Errorf("machine %s stands below no earlier one", doc.Machines[i].Machine)
		}
		c.grammar.machines = append(c.grammar.machines, m)
		if i > 0 {
			c.grammar.machines[above].children = append(c.grammar.machines[above].children, i)
		}
	}
	return nil
}

func (c *compiler) rule(name string) (int, error) {
	if name == "" {
		return no, nil
	}
	number, ok := c.rules[name]
	if !ok {
		return no, fmt.Errorf("no rule %q", name)
	}
	return number, nil
}

func (c *compiler) classSet(names []string) (uint64, error) {
	var set uint64
	for _, name := range names {
		number, ok := c.classes[name]
		if !ok {
			return 0, fmt.Errorf("no class %q", name)
		}
		set |= 1 << number
	}
	return set, nil
}

func (c *compiler) machine(doc *machineDoc, isRoot bool) (m machine, err error) {
	m.classes = ^uint64(0)
	if doc.Classes != nil {
		if m.classes, err = c.classSet(doc.Classes); err != nil {
			return m, err
		}
	}
	if doc.Each != nil {
		if m.each, err = tape.ParsePath(*doc.Each); err != nil {
			return m, err
		}
		m.pointer = pointerOf(*doc.Each)
	}
	if m.key, err = c.key(doc); err != nil {
		return m, err
	}
	signals, err := c.signals(doc, &m)
	if err != nil {
		return m, err
	}
	if isRoot {
		c.root = signals
	}
	if err = c.values(doc, &m); err != nil {
		return m, err
	}
	if err = c.states(doc, &m, signals); err != nil {
		return m, err
	}
	for _, d := range doc.Owes {
		number, ok := signals[d.Signal]
		if !ok {
			return m, fmt.Errorf("no signal %q", d.Signal)
		}
		rule, err := c.rule(d.Rule)
		if err != nil {
			return m, err
		}
		m.owes = append(m.owes, debt{number, rule, d.At == "first"})
	}
	return m, nil
}

func (c *compiler) key(doc *machineDoc) (*key, error) {
	if doc.Key == nil {
		return nil, nil
	}
	path, err := tape.ParsePath(doc.Key.Path)
	if err != nil {
		return nil, err
	}
	k := &key{path: path, pointer: pointerOf(doc.Key.Path), isText: doc.Key.Is == "string", opens: no}
	if k.missing, err = c.rule(doc.Key.Missing); err != nil {
		return nil, err
	}
	if k.gap, err = c.rule(doc.Key.Gap); err != nil {
		return nil, err
	}
	if o := doc.Key.Opens; o != nil {
		if k.opening, err = c.classSet(o.Classes); err != nil {
			return nil, err
		}
		if k.opens, err = c.rule(o.Rule); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// signals numbers the signals of a machine.
// pointerOf is a path as a JSON Pointer.
func pointerOf(path string) string {
	if path == "" {
		return ""
	}
	return "/" + strings.ReplaceAll(path, ".", "/")
}
