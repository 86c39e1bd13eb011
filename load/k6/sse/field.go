package sse

import "bytes"

// field acts on a line that is not blank; length is what it takes in the stream.
func (r *Reader) field(line []byte, start, length int64, inChunk bool) {
	name, value := split(line)
	switch string(name) {
	case "data":
		r.addData(value, start, inChunk)
	case "":
		r.comments++
		r.count(start + length)
	case "event":
		r.typ = append(r.typ[:0], value...)
	case "id":
		if bytes.IndexByte(value, 0) >= 0 {
			r.note(NulInID, start, length)
		} else {
			r.id = append(r.id[:0], value...)
		}
	case "retry":
		if ms, ok := digits(value); ok {
			r.retry = ms
		} else {
			r.note(BadRetry, start, length)
		}
	default:
		r.note(UnknownField, start, length)
	}
}

// split parts a line by the field rules: name up to the first colon, one space after it taken off.
func split(line []byte) (name, value []byte) {
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return line, nil
	}
	value = line[colon+1:]
	if len(value) > 0 && value[0] == ' ' {
		value = value[1:]
	}
	return line[:colon], value
}

func (r *Reader) addData(value []byte, start int64, inChunk bool) {
	if !r.hasData {
		r.hasData = true
		if inChunk && len(value) > 0 {
			r.ref = value
		} else {
			r.data = append(r.data[:0], value...)
		}
		return
	}
	r.keepData()
	if len(r.data)+1+len(value) > r.bounds.Data {
		r.stop(start)
		return
	}
	r.data = append(append(r.data, '\n'), value...)
}

// digits reads a number of ASCII digits; what is above 2^53 − 1 is that.
func digits(p []byte) (int64, bool) {
	const most = 1<<53 - 1
	n := int64(0)
	for _, b := range p {
		if b < '0' || b > '9' {
			return 0, false
		}
		n = min(n*10+int64(b-'0'), most)
	}
	return n, len(p) > 0
}
