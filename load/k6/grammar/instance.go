package grammar

import (
	"slices"
	"strconv"

	"assay/load/k6/tape"
)

// instance is one machine for one key: one choice, one tool call, one content block.
type instance struct {
	machine     int
	state       int
	key         instanceKey
	pointer     string
	first, last int
	said        uint64
	broken      [ruleSets]uint64
	constants   []constant // empty, or one for each of the machine
	totals      []total
	joined      [][]byte
	opened      []int64 // how many instances below began with an event that opens one, by machine
	// The instances below, as a list in the order of their first event.
	firstBelow, lastBelow, beside int32
}

type constant struct {
	kind tape.Kind // Missing: not said yet
	text []byte    // of a string
	num  float64
	bool bool
}

type total struct {
	said bool
	num  float64
}

// instanceKey is what an instance is known by.
type instanceKey struct {
	parent  int32
	machine int32
	index   int64
	text    string
}

// set takes the key of an item; ok is false where it is none.
func (i *instanceKey) set(k *key, doc *tape.Doc, v int32) (ok bool) {
	if v < 0 {
		return false
	}
	if k.isText {
		if doc.Kind(v) != tape.String {
			return false
		}
		i.text = string(doc.Text(v, nil))
		return true
	}
	i.index, ok = doc.Index(v)
	return ok
}

func (i instanceKey) String() string {
	if i.text != "" {
		return strconv.Quote(i.text)
	}
	return itoa(i.index)
}

// find looks an instance up; most items speak to the one that the item before them spoke to.
func (r *Run) find(k instanceKey) (int32, bool) {
	if at := r.recent[k.machine]; at >= 0 && r.instances[at].key == k {
		return at, true
	}
	at, ok := r.keys[k]
	return at, ok
}

// begin makes an instance; it takes the memory of one of an earlier stream.
func (r *Run) begin(machine int, k instanceKey, pointer string, number int) int32 {
	at := int32(len(r.instances))
	r.instances = slices.Grow(r.instances, 1)[:at+1]
	old := &r.instances[at]
	*old = instance{
		machine: machine, state: r.grammar.machines[machine].initial, key: k, pointer: pointer,
		first: number, last: number, firstBelow: no, lastBelow: no, beside: no,
		constants: old.constants[:0], totals: old.totals[:0], joined: old.joined[:0], opened: old.opened[:0],
	}
	r.newest[machine] = at
	if k.parent == no {
		return at
	}
	parent := &r.instances[k.parent]
	if parent.lastBelow == no {
		parent.firstBelow = at
	} else {
		r.instances[parent.lastBelow].beside = at
	}
	parent.lastBelow = at
	if r.keys == nil {
		r.keys = map[instanceKey]int32{}
	}
	r.keys[k] = at
	return at
}

// countOpened counts one more instance of a machine below, and gives how many there were.
func (i *instance) countOpened(machine, machines int) int64 {
	if len(i.opened) == 0 {
		i.opened = sized(i.opened, machines)
	}
	before := i.opened[machine]
	i.opened[machine]++
	return before
}

// sized is a list of n zero values in the memory of an empty one.
func sized[T any](list []T, n int) []T {
	list = slices.Grow(list[:0], n)[:n]
	clear(list)
	return list
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
