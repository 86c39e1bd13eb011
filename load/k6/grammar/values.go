package grammar

import (
	"bytes"
	"slices"
	"strings"

	"assay/load/k6/tape"
)

// values lays the values of an item over what the instance knows: scalars that must stay, numbers that must not fall,
// strings that are put together.
func (r *Run) values(m *machine, at int32, e *Event, number int) {
	w := r.queue[at]
	instance := &r.instances[w.instance]
	if len(instance.constants) < len(m.constants) {
		instance.constants = sizedConstants(instance.constants, len(m.constants))
	}
	for i := range m.constants {
		c := &m.constants[i]
		v := e.JSON.At(w.item, c.paths[0])
		if !instance.constants[i].differs(e.JSON, v) || !r.mayReport(w.instance, c.rule) {
			continue
		}
		r.report(c.rule, number, r.pointer(at)+c.pointers[0], shown(e, v)+" after "+instance.constants[i].String())
	}
	if len(instance.totals) < len(m.totals) {
		instance.totals = sized(instance.totals, len(m.totals))
	}
	for i := range m.totals {
		t := &m.totals[i]
		for p, path := range t.paths {
			v := e.JSON.At(w.item, path)
			if e.JSON.Kind(v) != tape.Number {
				continue
			}
			now, before := e.JSON.Float(v), instance.totals[i]
			instance.totals[i] = total{true, now}
			if before.said && now < before.num && r.mayReport(w.instance, t.rule) {
				r.report(t.rule, number, r.pointer(at)+t.pointers[p], shown(e, v)+" after more")
			}
			break
		}
	}
	if len(instance.joined) < len(m.joined) {
		instance.joined = slices.Grow(instance.joined, len(m.joined))[:len(m.joined)]
		for i := range instance.joined {
			instance.joined[i] = instance.joined[i][:0]
		}
	}
	for i := range m.joined {
		v := e.JSON.At(w.item, m.joined[i].path)
		if e.JSON.Kind(v) != tape.String {
			continue
		}
		if r.joined += len(e.JSON.Raw(v)); r.joined > mostJoined {
			r.full = true
			continue
		}
		instance.joined[i] = append(instance.joined[i], e.JSON.Text(v, nil)...)
	}
}

// sizedConstants is a list of n constants that are not said, which keeps the memory of their texts.
func sizedConstants(list []constant, n int) []constant {
	list = slices.Grow(list, n)[:n]
	for i := range list {
		list[i] = constant{text: list[i].text[:0]}
	}
	return list
}

// differs takes the value at a place, and tells whether another one was said before. What is missing, null, empty or no
// scalar says nothing.
func (c *constant) differs(doc *tape.Doc, v int32) bool {
	kind := doc.Kind(v)
	var now constant
	switch kind {
	case tape.String:
		if empty, _ := doc.Empty(v); empty {
			return false
		}
		now = constant{kind: kind, text: doc.Text(v, nil)}
	case tape.Number:
		now = constant{kind: kind, num: doc.Float(v)}
	case tape.Bool:
		now = constant{kind: kind, bool: doc.Bool(v)}
	default:
		return false
	}
	if c.kind == tape.Missing {
		// The text of the event is not ours.
		now.text = append(c.text[:0], now.text...)
		*c = now
		return false
	}
	return c.kind != now.kind || c.num != now.num || c.bool != now.bool || !bytes.Equal(c.text, now.text)
}

func (c *constant) String() string {
	switch c.kind {
	case tape.String:
		return `"` + clip(c.text) + `"`
	case tape.Number:
		return "another number"
	case tape.Bool:
		return "another boolean"
	}
	return ""
}

// mostText is how many bytes of what was found a finding holds.
const mostText = 300

// shown is the text of a value of an event, or of all its data where there is no value.
func shown(e *Event, v int32) string {
	if v < 0 {
		return clip(e.Data)
	}
	raw := clip(e.JSON.Raw(v))
	if e.JSON.Kind(v) == tape.String {
		return `"` + raw + `"`
	}
	return raw
}

func clip(text []byte) string {
	if len(text) <= mostText {
		return string(text)
	}
	return strings.ToValidUTF8(string(text[:mostText]), "") + "…"
}
