package grammar

import "assay/load/k6/tape"

// descend finds the instances below that the item speaks to.
func (r *Run) descend(at int32, e *Event, class uint64, number int) {
	w := r.queue[at]
	for _, c := range r.grammar.machines[w.machine].children {
		child := &r.grammar.machines[c]
		if child.classes&class == 0 {
			continue
		}
		if child.each == nil {
			r.speak(c, at, w.item, no, e, class, number)
			continue
		}
		if w.item < 0 {
			continue
		}
		list := e.JSON.At(w.item, child.each)
		if e.JSON.Kind(list) != tape.Array {
			continue
		}
		place := int32(0)
		for element := e.JSON.First(list); element >= 0; element = e.JSON.Next(list, element) {
			r.speak(c, at, element, place, e, class, number)
			place++
		}
	}
}

// speak lets an item speak to its instance of a machine below.
func (r *Run) speak(c int, above int32, item, place int32, e *Event, class uint64, number int) {
	child := &r.grammar.machines[c]
	parent := r.queue[above].instance
	next := work{machine: c, item: item, above: above, place: place}
	key := instanceKey{parent: parent, machine: int32(c)}
	if k := child.key; k != nil {
		found := tape.None
		if item >= 0 {
			found = e.JSON.At(item, k.path)
		}
		if !key.set(k, e.JSON, found) {
			if k.missing != no && r.mayReport(parent, k.missing) {
				r.report(k.missing, number, r.pointerTo(next), shown(e, found))
			}
			return
		}
	}
	index, known := r.find(key)
	if !known {
		if len(r.instances) >= mostInstances {
			r.full = true
			return
		}
		index = r.begin(c, key, r.pointerTo(next), number)
		r.opens(child, parent, index, class)
	}
	r.recent[c] = index
	next.instance = index
	r.queue = append(r.queue, next)
}

// opens: instances that open in order have the keys 0, 1, 2 …; one that does not is reported where it begins.
func (r *Run) opens(child *machine, parent, index int32, class uint64) {
	k := child.key
	if k == nil || k.opening&class == 0 {
		return
	}
	target := &r.instances[index]
	next := r.instances[parent].countOpened(target.machine, len(r.grammar.machines))
	if (k.isText || target.key.index != next) && r.mayReport(parent, k.opens) {
		r.report(k.opens, target.first, target.pointer+k.pointer, target.key.String())
	}
}
