package tape

import (
	"fmt"
	"strconv"
	"strings"
)

// A Path is a way to a value: keys of objects, places in arrays. The empty one is the value itself.
type Path []step

type step struct {
	key   string
	place int // in an array; negative where the key is no place
}

// ParsePath reads keys joined by dots.
func ParsePath(text string) (Path, error) {
	if text == "" {
		return Path{}, nil
	}
	var path Path
	for key := range strings.SplitSeq(text, ".") {
		if key == "" {
			return nil, fmt.Errorf("path %q: a key is empty", text)
		}
		place := -1
		if key[0] >= '0' && key[0] <= '9' {
			n, err := strconv.ParseUint(key, 10, 31)
			if err != nil {
				return nil, fmt.Errorf("path %q: %q is neither a name nor a place", text, key)
			}
			place = int(n)
		}
		path = append(path, step{key, place})
	}
	return path, nil
}

// At is the value at a path below v; None where there is none.
func (d *Doc) At(v int32, path Path) int32 {
	for i := range path {
		if v < 0 {
			return None
		}
		if i == 0 && len(path) > 1 && d.nodes[v].kind == Object {
			v = d.beginning(v, path[0].key)
			continue
		}
		switch d.nodes[v].kind {
		case Object:
			v = d.Member(v, path[i].key)
		case Array:
			v = d.element(v, path[i].place)
		default:
			return None
		}
	}
	return v
}

// beginning is Member, remembered.
func (d *Doc) beginning(object int32, key string) int32 {
	a := &d.asked
	if a.object != object || a.key != key {
		a.object, a.key, a.found = object, key, d.Member(object, key)
	}
	return a.found
}

func (d *Doc) element(array int32, place int) int32 {
	if place < 0 {
		return None
	}
	e := d.First(array)
	for ; e >= 0 && place > 0; place-- {
		e = d.Next(array, e)
	}
	return e
}
