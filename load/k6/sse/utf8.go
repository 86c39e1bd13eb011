package sse

// repaired appends line to dst as a UTF-8 decoder of the web reads it: each maximal ill-formed part becomes one U+FFFD.
// (The standard library makes one of each byte.)
func repaired(dst, line []byte) []byte {
	for i := 0; i < len(line); {
		size, ok := codePoint(line[i:])
		if ok {
			dst = append(dst, line[i:i+size]...)
		} else {
			dst = append(dst, "\uFFFD"...)
		}
		i += size
	}
	return dst
}

// eachIllFormed gives every run of bytes that is no UTF-8; adjoining ones are one run.
func eachIllFormed(line []byte, give func(offset, length int)) {
	from := -1
	for i := 0; i < len(line); {
		size, ok := codePoint(line[i:])
		if ok && from >= 0 {
			give(from, i-from)
			from = -1
		} else if !ok && from < 0 {
			from = i
		}
		i += size
	}
	if from >= 0 {
		give(from, len(line)-from)
	}
}

// codePoint tells the size of the code point at the start of p, or, where there is none, of the maximal part that could
// have begun one, at least 1 (Unicode 15, table 3-7).
func codePoint(p []byte) (size int, ok bool) {
	lead := p[0]
	if lead < 0x80 {
		return 1, true
	}
	want := trailing(lead)
	for k := 0; k < want; k++ {
		if 1+k >= len(p) || !continues(lead, k, p[1+k]) {
			return 1 + k, false
		}
	}
	return 1 + want, want > 0
}

// cutTail is the number of bytes at the end that begin a code point and lack the rest of it.
func cutTail(p []byte) int {
	for size := 1; size <= 3 && size <= len(p); size++ {
		at := len(p) - size
		want := trailing(p[at])
		if want == 0 {
			continue
		}
		if want < size {
			return 0
		}
		for k := 0; k < size-1; k++ {
			if !continues(p[at], k, p[at+1+k]) {
				return 0
			}
		}
		return size
	}
	return 0
}

// trailing is the number of bytes that must follow lead; 0 where no code point of several bytes starts so.
func trailing(lead byte) int {
	switch {
	case lead >= 0xc2 && lead <= 0xdf:
		return 1
	case lead >= 0xe0 && lead <= 0xef:
		return 2
	case lead >= 0xf0 && lead <= 0xf4:
		return 3
	}
	return 0
}

func continues(lead byte, position int, b byte) bool {
	low, high := byte(0x80), byte(0xbf)
	if position == 0 {
		switch lead {
		case 0xe0:
			low = 0xa0
		case 0xed:
			high = 0x9f
		case 0xf0:
			low = 0x90
		case 0xf4:
			high = 0x8f
		}
	}
	return b >= low && b <= high
}
