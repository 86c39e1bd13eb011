package grammar

// A Finding is a rule of the grammar that a stream breaks.
type Finding struct {
	Rule string // <dialect>/grammar/<name>
	// Event is the number of the event, from 0; -1 where the stream had none.
	Event int
	// Pointer is a JSON Pointer into the event's data, where the finding is about one part of it.
	Pointer string
	// Got is the text of what was found, the first 300 bytes.
	Got string
}

// End is how the bytes of a stream ended.
type End bool

const (
	Clean End = false
	Cut   End = true // they broke off: nothing is owed
)

const (
	// mostFindings: a rule is reported at most so often.
	mostFindings = 8
	// mostInstances bounds what a stream that numbers its tokens as choices can make a run keep.
	mostInstances = 100_000
	// mostJoined bounds the bytes of strings that are kept until the end.
	mostJoined = 8 << 20
)

// A Run is one stream on its way through a grammar: Take each event, then Finish.
type Run struct {
	grammar   *Grammar
	count     int
	instances []instance // all that ever were, in the order of their first event; the first is the root
	keys      map[instanceKey]int32
	newest    []int32 // of each machine, the instance that began last
	recent    []int32 // of each machine, the instance that was spoken to last
	reported  []uint8 // by rule
	queue     []work
	findings  []Finding
	joined    int
	full      bool
}

type work struct {
	machine  int
	instance int32
	item     int32
	// The item's pointer: that of the work above, and, where the machine has `each`, its place there.
	above int32
	place int32
}

// NewRun begins a stream.
func NewRun(g *Grammar) *Run {
	r := &Run{
		grammar: g, newest: make([]int32, len(g.machines)), recent: make([]int32, len(g.machines)),
		reported: make([]uint8, len(g.rules)),
	}
	r.Reset()
	return r
}

// Reset begins another stream of the same grammar; memory is kept, the findings of before are gone.
func (r *Run) Reset() {
	r.count, r.joined, r.full = 0, 0, false
	r.instances = r.instances[:0]
	r.findings = r.findings[:0]
	clear(r.keys)
	clear(r.reported)
	for i := range r.recent {
		r.newest[i], r.recent[i] = no, no
	}
	r.begin(0, instanceKey{parent: no}, "", 0)
}

// Findings are those so far, in the order of the events, those of the end last; the run's, valid until Reset.
func (r *Run) Findings() []Finding { return r.findings }

// Full tells whether the stream had more instances or text than a run keeps: nothing is said about its end then.
func (r *Run) Full() bool { return r.full }

// Take takes the next event, and gives the number of findings that there are now.
func (r *Run) Take(e *Event) int {
	number := r.count
	r.count++
	g := r.grammar
	root := e.root()
	class := r.classOf(e, root)
	closed := g.machines[0].states[r.instances[0].state].closed
	if !closed {
		r.every(e, class.set, root, number)
		if class.violates != no && r.mayReport(0, class.violates) {
			r.report(class.violates, number, "", shown(e, root))
		}
	}
	r.queue = append(r.queue[:0], work{machine: 0, instance: 0, item: root, above: no})
	for i := 0; i < len(r.queue); i++ {
		r.step(int32(i), e, class.set, number)
		if !closed {
			r.descend(int32(i), e, class.set, number)
		}
	}
	return len(r.findings)
}

func (r *Run) classOf(e *Event, root int32) *class {
	events := r.grammar.events
	for i := range events {
		if events[i].when.holds(e, 0, root) {
			return &events[i]
		}
	}
	// Compile saw to it that the last one holds always.
	return &events[len(events)-1]
}

func (r *Run) every(e *Event, class uint64, root int32, number int) {
	for i := range r.grammar.every {
		m := &r.grammar.every[i]
		if !m.when.holds(e, class, root) {
			continue
		}
		if r.mayReport(0, m.violates) {
			pointer := ""
			if t := m.when.pointed(); t != nil {
				pointer = t.pointer
			}
			r.report(m.violates, number, pointer, "an event named "+clip(e.Type))
		}
		return
	}
}

// step says the values and signals of one item to one instance.
func (r *Run) step(at int32, e *Event, class uint64, number int) {
	w := r.queue[at]
	m := &r.grammar.machines[w.machine]
	instance := &r.instances[w.instance]
	instance.last = number
	if w.item >= 0 && (m.constants != nil || m.totals != nil || m.joined != nil) {
		r.values(m, at, e, number)
	}
	if m.byClass {
		r.signal(m, w.instance, lowest(class), at, nil, e, number)
		return
	}
	var said uint64
	for i := range m.signals {
		s := &m.signals[i]
		if said&(1<<s.number) != 0 || !s.when.holds(e, class, w.item) {
			continue
		}
		said |= 1 << s.number
		r.signal(m, w.instance, s.number, at, s.part, e, number)
	}
}

func (r *Run) signal(m *machine, index int32, signal int, at int32, part *test, e *Event, number int) {
	instance := &r.instances[index]
	instance.said |= 1 << signal
	t := m.states[instance.state].on[signal]
	if t.violates != no && r.mayReport(index, t.violates) {
		item, pointer := r.queue[at].item, r.pointer(at)
		if part != nil {
			pointer += part.pointer
			if item >= 0 {
				item = e.JSON.At(item, part.path)
			}
		}
		r.report(t.violates, number, pointer, shown(e, item))
	}
	if t.to != no {
		instance.state = t.to
	}
}

// pointer is the JSON Pointer of the item of a work.
func (r *Run) pointer(at int32) string { return r.pointerTo(r.queue[at]) }

func (r *Run) pointerTo(w work) string {
	if w.above < 0 {
		return ""
	}
	above := r.pointer(w.above)
	if w.place < 0 {
		return above
	}
	return above + r.grammar.machines[w.machine].pointer + "/" + itoa(int64(w.place))
}

// mayReport tells whether a rule is still to be reported of an instance, and notes that it is.
func (r *Run) mayReport(index int32, rule int) bool {
	broken := &r.instances[index].broken[rule/64]
	bit := uint64(1) << (rule % 64)
	if *broken&bit != 0 || r.reported[rule] == mostFindings {
		return false
	}
	*broken |= bit
	r.reported[rule]++
	return true
}

func (r *Run) report(rule, event int, pointer, got string) {
	r.findings = append(r.findings, Finding{r.grammar.rules[rule], event, pointer, got})
}
