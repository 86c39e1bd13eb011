package sse

// End says that no more bytes come. What is left then counts for nothing; Problems says what it was.
func (r *Reader) End() {
	if r.afterCR {
		r.afterCR = false
		r.eols |= CR
	}
	if r.full {
		return
	}
	end := r.base + int64(len(r.chunk))
	line, start := r.line, r.lineStart
	if !r.begun {
		line, start = r.takeBOM(line, start)
	}
	whole := line[:len(line)-cutTail(line)]
	eachIllFormed(whole, func(offset, length int) { r.note(InvalidUTF8, start+int64(offset), int64(length)) })
	name, _ := split(line)
	if len(line) > 0 && len(name) == 0 {
		r.comments++
	}
	switch {
	case r.hasData && !r.given || string(name) == "data":
		r.note(Unterminated, r.start, end-r.start)
	case len(line) > 0:
		r.note(UnterminatedLine, start, end-start)
	case len(r.typ) > 0 && !r.given:
		r.note(EventWithoutData, r.start, end-r.start)
	}
}
