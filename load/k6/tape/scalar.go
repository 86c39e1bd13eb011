package tape

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Float is the value of a number; infinite where a double cannot hold it.
func (d *Doc) Float(v int32) float64 {
	raw := d.Raw(v)
	if len(raw) <= 15 {
		n, whole := 0.0, true
		for _, c := range raw {
			if c < '0' || c > '9' {
				whole = false
				break
			}
			n = n*10 + float64(c-'0')
		}
		if whole {
			return n
		}
	}
	// The only error left is that of range, which comes with the infinite value.
	n, _ := strconv.ParseFloat(string(raw), 64)
	return n
}

// Index is a whole number from 0 that a double holds exactly.
func (d *Doc) Index(v int32) (int64, bool) {
	if d.Kind(v) != Number {
		return 0, false
	}
	n := d.Float(v)
	if n < 0 || n > 1<<53-1 || n != float64(int64(n)) {
		return 0, false
	}
	return int64(n), true
}

// unescape appends the content of a string, which is known to be right, to dst.
func unescape(dst, raw []byte) []byte {
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			dst = append(dst, raw[i])
			i++
			continue
		}
		c := raw[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, _ := hex4(raw[i:])
			i += 4
			if utf16.IsSurrogate(r) {
				if low, ok := lowAfter(raw[i:]); ok && r < 0xdc00 {
					r = utf16.DecodeRune(r, low)
					i += 6
				} else {
					dst = append(dst, 0xed, 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
					continue
				}
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// lowAfter reads an escaped low surrogate at the start of raw.
func lowAfter(raw []byte) (rune, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	r, ok := hex4(raw[2:])
	return r, ok && r >= 0xdc00 && r <= 0xdfff
}
