package grammar

import (
	"fmt"

	"assay/load/k6/tape"
)

func (c *compiler) signals(doc *machineDoc, m *machine) (map[string]int, error) {
	if doc.Signals == nil {
		m.byClass = true
		return c.classes, nil
	}
	numbers := map[string]int{}
	for _, s := range doc.Signals {
		number, known := numbers[s.Signal]
		if !known {
			number = len(numbers)
			numbers[s.Signal] = number
		}
		when, err := compileTest(s.When, c.classes)
		if err != nil {
			return nil, err
		}
		m.signals = append(m.signals, signal{number, when, when.pointed()})
	}
	if len(numbers) > 64 {
		return nil, fmt.Errorf("more than 64 signals")
	}
	return numbers, nil
}

func (c *compiler) values(doc *machineDoc, m *machine) error {
	for _, v := range doc.Constants {
		rule, err := c.valueRule([]string{v.Path}, v.Rule)
		if err != nil {
			return err
		}
		m.constants = append(m.constants, rule)
	}
	for _, v := range doc.Totals {
		rule, err := c.valueRule(v.Paths, v.Rule)
		if err != nil {
			return err
		}
		m.totals = append(m.totals, rule)
	}
	for _, j := range doc.Joined {
		path, err := tape.ParsePath(j.Path)
		if err != nil {
			return err
		}
		is, err := kindSet(j.Is)
		if err != nil {
			return err
		}
		rule, err := c.rule(j.Rule)
		if err != nil {
			return err
		}
		unless, err := c.unless(j.Unless)
		if err != nil {
			return err
		}
		m.joined = append(m.joined, joinedRule{path, is, rule, unless})
	}
	return nil
}

func (c *compiler) valueRule(paths []string, name string) (v valueRule, err error) {
	for _, text := range paths {
		path, err := tape.ParsePath(text)
		if err != nil {
			return v, err
		}
		v.paths = append(v.paths, path)
		v.pointers = append(v.pointers, pointerOf(text))
	}
	v.rule, err = c.rule(name)
	return v, err
}

func (c *compiler) unless(name string) (int, error) {
	if name == "" {
		return no, nil
	}
	number, ok := c.root[name]
	if !ok {
		return no, fmt.Errorf("the root has no signal %q", name)
	}
	return number, nil
}

func (c *compiler) states(doc *machineDoc, m *machine, signals map[string]int) error {
	numbers := map[string]int{}
	for name := range doc.States {
		numbers[name] = len(numbers)
	}
	m.states = make([]state, len(numbers))
	initial, ok := numbers[doc.Initial]
	if !ok {
		return fmt.Errorf("no state %q", doc.Initial)
	}
	m.initial = initial
	for name, s := range doc.States {
		end, err := c.rule(s.End)
		if err != nil {
			return err
		}
		unless, err := c.unless(s.Unless)
		if err != nil {
			return err
		}
		out := state{make([]transition, len(signals)), end, unless, s.Settles, s.Closed}
		for i := range out.on {
			out.on[i] = transition{no, no}
		}
		set := func(on string, numbered []int) error {
			to := no
			if t := s.On[on].To; t != "" {
				if to, ok = numbers[t]; !ok {
					return fmt.Errorf("no state %q", t)
				}
			}
			violates, err := c.rule(s.On[on].Violates)
			for _, number := range numbered {
				out.on[number] = transition{to, violates}
			}
			return err
		}
		if _, any := s.On["*"]; any {
			var all []int
			for _, number := range signals {
				all = append(all, number)
			}
			if err := set("*", all); err != nil {
				return err
			}
		}
		for on := range s.On {
			if on == "*" {
				continue
			}
			number, ok := signals[on]
			if !ok {
				return fmt.Errorf("state %s: no signal %q", name, on)
			}
			if err := set(on, []int{number}); err != nil {
				return err
			}
		}
		m.states[numbers[name]] = out
	}
	return nil
}
