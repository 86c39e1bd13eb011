package tape

import "math"

// What may come next.
const (
	value = iota
	valueOrEnd
	key
	keyOrEnd
	after
)

// Parse reads a text and tells whether it is JSON. The text must stay as it is for as long as the Doc is asked.
func (d *Doc) Parse(text []byte) bool {
	return d.read(text, Depth, Values)
}

// ParseDeep reads a text without the bounds on depth and number of values.
func (d *Doc) ParseDeep(text []byte) bool {
	return d.read(text, math.MaxInt, math.MaxInt)
}

func (d *Doc) read(text []byte, mostDepth, mostValues int) bool {
	d.text, d.nodes, d.valid = text, d.nodes[:0], false
	d.asked.object = None
	if len(text) < most {
		d.valid = d.parse(mostDepth, mostValues)
	}
	return d.valid
}

func (d *Doc) parse(mostDepth, mostValues int) bool {
	text := d.text
	open, depth, values := None, 0, 0
	want := value
	for i := 0; ; {
		for i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
			i++
		}
		if i == len(text) {
			return want == after && open == None
		}
		c := text[i]
		switch want {
		case after:
			if open == None {
				return false
			}
			container := &d.nodes[open]
			switch {
			case c == ',' && container.kind == Object:
				want = key
			case c == ',':
				want = value
			case c == '}' && container.kind == Object, c == ']' && container.kind == Array:
				open = d.close(open, i)
				depth--
			default:
				return false
			}
			i++
			continue
		case key, keyOrEnd:
			if c == '}' && want == keyOrEnd {
				open = d.close(open, i)
				depth--
				want = after
				i++
				continue
			}
			if c != '"' {
				return false
			}
			end := d.string(i)
			if end < 0 {
				return false
			}
			for i = end; i < len(text) && (text[i] == ' ' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t'); {
				i++
			}
			if i == len(text) || text[i] != ':' {
				return false
			}
			i++
			want = value
			continue
		case valueOrEnd:
			if c == ']' {
				open = d.close(open, i)
				depth--
				want = after
				i++
				continue
			}
		}
		if values++; values > mostValues {
			return false
		}
		want = after
		switch c {
		case '"':
			if i = d.string(i); i < 0 {
				return false
			}
		case '{', '[':
			if depth++; depth > mostDepth {
				return false
			}
			kind := Array
			want = valueOrEnd
			if c == '{' {
				kind, want = Object, keyOrEnd
			}
			at := int32(len(d.nodes))
			d.nodes = append(d.nodes, node{start: int32(i), next: open, kind: kind})
			open = at
			i++
		case 't':
			i = d.word(i, "true", Bool)
		case 'f':
			i = d.word(i, "false", Bool)
		case 'n':
			i = d.word(i, "null", Null)
		default:
			i = d.number(i)
		}
		if i < 0 {
			return false
		}
	}
}

// close ends the open container at the closing bracket at i, and gives the one that it is in.
func (d *Doc) close(open int32, i int) int32 {
	n := &d.nodes[open]
	outer := n.next
	n.next = int32(len(d.nodes))
	n.end = int32(i + 1)
	return outer
}

func (d *Doc) add(start, end int, kind Kind, escaped bool) {
	next := int32(len(d.nodes)) + 1
	d.nodes = append(d.nodes, node{start: int32(start), end: int32(end), next: next, kind: kind, escaped: escaped})
}
