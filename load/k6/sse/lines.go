package sse

import "bytes"

// lineEnd finds the end of the line at pos: its place, and the number of bytes that end it.
func (r *Reader) lineEnd() (end, eol int) {
	if r.lf < r.pos {
		r.lf = index(r.chunk, r.pos, '\n')
	}
	if r.cr < r.pos {
		r.cr = index(r.chunk, r.pos, '\r')
	}
	switch {
	case r.lf < r.cr:
		r.eols |= LF
		return r.lf, 1
	case r.cr == none:
		return none, 0
	case r.cr+1 == r.lf:
		r.eols |= CRLF
		return r.cr, 2
	case r.cr+1 < len(r.chunk):
		r.eols |= CR
	default:
		// Whether it stands alone the next read tells.
		r.afterCR = true
	}
	return r.cr, 1
}

func index(p []byte, from int, b byte) int {
	if at := bytes.IndexByte(p[from:], b); at >= 0 {
		return from + at
	}
	return none
}

func (r *Reader) takeBOM(line []byte, start int64) ([]byte, int64) {
	r.begun = true
	if !bytes.HasPrefix(line, bom) {
		return line, start
	}
	r.note(BOM, 0, int64(len(bom)))
	r.start = int64(len(bom))
	return line[len(bom):], start + int64(len(bom))
}

// keepLine keeps the beginning of a line that does not end in this read.
func (r *Reader) keepLine() {
	if len(r.line) == 0 {
		r.lineStart = r.base + int64(r.pos)
	}
	rest := r.chunk[r.pos:]
	if len(r.line)+len(rest) > r.bounds.Line {
		r.stop(r.lineStart)
		return
	}
	r.line = append(r.line, rest...)
	r.pos = len(r.chunk)
}
