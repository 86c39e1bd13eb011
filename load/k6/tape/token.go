package tape

import (
	"encoding/binary"
	"math/bits"
)

func (d *Doc) word(i int, word string, kind Kind) int {
	if len(d.text)-i < len(word) || string(d.text[i:i+len(word)]) != word {
		return -1
	}
	d.add(i, i+len(word), kind, false)
	return i + len(word)
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// string reads a string whose opening quote is at i, and gives the place past the closing one; negative where it is
// not right.
func (d *Doc) string(i int) int {
	text := d.text
	start := i + 1
	escaped := false
	for i = start; ; {
		for i+8 <= len(text) {
			x := binary.LittleEndian.Uint64(text[i:])
			quote, slash := x^('"'*ones), x^('\\'*ones)
			// The lowest byte marked is a quote, a backslash or a control character.
			marked := ((quote-ones)&^quote | (slash-ones)&^slash | (x-0x20*ones)&^x) & highs
			if marked != 0 {
				i += bits.TrailingZeros64(marked) / 8
				break
			}
			i += 8
		}
		if i >= len(text) {
			return -1
		}
		switch c := text[i]; {
		case c == '"':
			d.add(start, i, String, escaped)
			return i + 1
		case c == '\\':
			escaped = true
			size := escape(text[i:])
			if size == 0 {
				return -1
			}
			i += size
		case c < 0x20:
			return -1
		default:
			i++
		}
	}
}

// escape is the size of the escape at the start of p; 0 where it is none.
func escape(p []byte) int {
	if len(p) < 2 {
		return 0
	}
	switch p[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(p[2:]); ok {
			return 6
		}
	}
	return 0
}

func hex4(p []byte) (rune, bool) {
	if len(p) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range p[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// number reads a number at i, and gives the place past it; negative where there is none.
func (d *Doc) number(i int) int {
	text, start := d.text, i
	if i < len(text) && text[i] == '-' {
		i++
	}
	switch {
	case i == len(text):
		return -1
	case text[i] == '0':
		i++
	case text[i] >= '1' && text[i] <= '9':
		i = pastDigits(text, i)
	default:
		return -1
	}
	if i < len(text) && text[i] == '.' {
		from := i + 1
		if i = pastDigits(text, from); i == from {
			return -1
		}
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		from := i + 1
		if from < len(text) && (text[from] == '+' || text[from] == '-') {
			from++
		}
		if i = pastDigits(text, from); i == from {
			return -1
		}
	}
	d.add(start, i, Number, false)
	return i
}

func pastDigits(text []byte, i int) int {
	for i < len(text) && text[i] >= '0' && text[i] <= '9' {
		i++
	}
	return i
}
