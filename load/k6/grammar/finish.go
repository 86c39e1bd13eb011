package grammar

import (
	"assay/load/k6/tape"
)

// State tells how the stream stands by the state of the root.
type State struct {
	// Closed: what comes now reaches no other machine: the end was said, or an error.
	Closed bool
	// Settled: at the end in this state nothing is owed: an error was said.
	Settled bool
}

// State is how the stream stands.
func (r *Run) State() State {
	s := &r.grammar.machines[0].states[r.instances[0].state]
	return State{s.closed, s.settles}
}

// Finish says that the stream has ended, and gives all findings.
func (r *Run) Finish(end End) []Finding {
	if end == Cut || r.full || r.State().Settled {
		return r.findings
	}
	for at := range r.instances {
		r.finish(int32(at))
	}
	return r.findings
}

const endOfStream = "the end of the stream"

// finish reports what an instance owes at the end.
func (r *Run) finish(at int32) {
	instance := &r.instances[at]
	m := &r.grammar.machines[instance.machine]
	last := instance.last
	if at == 0 {
		last = r.count - 1
	}
	for i := range m.owes {
		d := &m.owes[i]
		if instance.said&(1<<d.signal) != 0 || !r.mayReport(at, d.rule) {
			continue
		}
		if d.first {
			r.report(d.rule, instance.first, instance.pointer, endOfStream)
		} else {
			r.report(d.rule, last, "", endOfStream)
		}
	}
	s := &m.states[instance.state]
	if s.end != no && !r.cutOff(at, s.unless) && r.mayReport(at, s.end) {
		r.report(s.end, last, "", endOfStream)
	}
	for i := range m.joined {
		j := &m.joined[i]
		if i < len(instance.joined) && !r.cutOff(at, j.unless) && misjoined(instance.joined[i], j.is) &&
			r.mayReport(at, j.rule) {
			r.report(j.rule, last, "", clip(instance.joined[i]))
		}
	}
	r.gaps(at)
}

// cutOff tells whether the root said that the answer was cut off, and this is the instance in which it was.
func (r *Run) cutOff(at int32, signal int) bool {
	return signal != no && r.instances[0].said&(1<<signal) != 0 && r.newest[r.instances[at].machine] == at
}

// misjoined tells whether a text is there and not that of a JSON value of one of the types.
func misjoined(text []byte, is uint8) bool {
	if len(text) == 0 {
		return false
	}
	var doc tape.Doc
	return !doc.ParseDeep(text) || is&(1<<doc.Kind(0)) == 0
}

// gaps reports, for each machine below, keys that are not 0, 1, 2 …: at the first event of the first key past the gap.
func (r *Run) gaps(at int32) {
	var done uint64
	for b := r.instances[at].firstBelow; b != no; b = r.instances[b].beside {
		number := r.instances[b].machine
		if done&(1<<number) != 0 {
			continue
		}
		done |= 1 << number
		if k := r.grammar.machines[number].key; k != nil && k.gap != no && !k.isText {
			r.gap(at, b, k.gap)
		}
	}
}

// gap looks at the instances of one machine below an instance; first is the first of them.
func (r *Run) gap(at, first int32, rule int) {
	machine := r.instances[first].machine
	count, free := int64(0), int64(0)
	for b := first; b != no; b = r.instances[b].beside {
		if r.instances[b].machine == machine {
			count++
		}
	}
	for {
		if _, ok := r.keys[instanceKey{parent: at, machine: int32(machine), index: free}]; !ok {
			break
		}
		free++
	}
	if free == count {
		return
	}
	past := int32(no)
	for b := first; b != no; b = r.instances[b].beside {
		i := &r.instances[b]
		if i.machine == machine && i.key.index > free && (past == no || i.first < r.instances[past].first) {
			past = b
		}
	}
	if past != no && r.mayReport(at, rule) {
		r.report(rule, r.instances[past].first, r.instances[past].pointer, "no "+itoa(free))
	}
}
