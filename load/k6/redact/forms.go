package redact

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// backslashes: a message quoted in a message quoted in a message; each quotation doubles them.
const backslashes = `\\{1,8}`

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// plainForm is the value as it stands, or with any of its characters percent-encoded or escaped as JSON may.
func plainForm(value string) (*form, error) {
	var pattern strings.Builder
	for _, character := range value {
		pattern.WriteString(spellings(character))
	}
	compiled, err := regexp.Compile(pattern.String())
	f := &form{pattern: compiled}
	if len(value) == units(value) {
		f.plain = []byte(value)
	}
	return f, err
}

// base64Form is the value as part of a longer base64 text, shift bytes past a group of three: the characters that it alone
// decides. Those that it shares with a neighbour are masked too, but not asked for.
func base64Form(value string, shift int) (*form, error) {
	text := base64.StdEncoding.EncodeToString(append(make([]byte, shift), value...))
	bits := 8 * (shift + len(value))
	var pattern strings.Builder
	for _, character := range text[(8*shift+5)/6 : bits/6] {
		switch character {
		case '+':
			pattern.WriteString("(?:" + spellings('+') + "|-)")
		case '/':
			pattern.WriteString("(?:" + spellings('/') + "|_)")
		default:
			pattern.WriteRune(character)
		}
	}
	compiled, err := regexp.Compile(pattern.String())
	return &form{pattern: compiled, before: shift > 0, after: bits%6 != 0}, err
}

// spellings are all the ways to write one character, as a pattern.
func spellings(character rune) string {
	bytes := utf8.AppendRune(nil, character)
	var asBytes, asUnits, percent, escaped strings.Builder
	for _, b := range bytes {
		asBytes.WriteString(literal(rune(b)))
		percent.WriteString("%" + hex(uint16(b), 2))
	}
	for _, unit := range utf16.Encode([]rune{character}) {
		asUnits.WriteString(literal(rune(unit)))
		escaped.WriteString(backslashes + "u" + hex(unit, 4))
	}
	ways := []string{asBytes.String()}
	// A character that is no byte stands in no text of bytes.
	if character < 0x100 && !slices.Contains(ways, asUnits.String()) {
		ways = append(ways, asUnits.String())
	}
	ways = append(ways, percent.String(), escaped.String())
	if strings.ContainsRune(`"\/`, character) {
		ways = append(ways, backslashes+literal(character))
	}
	if character == ' ' {
		ways = append(ways, `\+`)
	}
	return "(?:" + strings.Join(ways, "|") + ")"
}

func literal(character rune) string {
	if character < 0x80 {
		return regexp.QuoteMeta(string(character))
	}
	return fmt.Sprintf(`\x{%x}`, character)
}

// hex is a number in hexadecimal digits of either case, as a pattern.
func hex(value uint16, digits int) string {
	var pattern strings.Builder
	for _, digit := range fmt.Sprintf("%0*x", digits, value) {
		if digit >= 'a' {
			fmt.Fprintf(&pattern, "[%c%c]", digit, digit-'a'+'A')
		} else {
			pattern.WriteRune(digit)
		}
	}
	return pattern.String()
}
