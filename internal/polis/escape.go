package polis

import (
	"bytes"
	"strings"
)

// The row of summary.csv that says that words which look like formulas have an
// apostrophe in front.
const (
	escapeKey   = "text-escaping"
	escapeValue = "apostrophe"
)

// formula reports whether a spreadsheet would take text for something to
// compute. Apostrophes in front do not matter, so that escaping can be undone.
func formula(text string) bool {
	text = strings.TrimLeft(text, "'")
	return text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 && !number(text)
}

// number reports a plain decimal number, which is no formula.
func number(text string) bool {
	digits, dots := 0, 0
	for _, r := range strings.TrimPrefix(text, "-") {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '.':
			dots++
		default:
			return false
		}
	}
	return digits > 0 && dots <= 1
}

// escape makes text that a spreadsheet shows and does not compute.
func escape(text string) string {
	if formula(text) {
		return "'" + text
	}
	return text
}

// unescape undoes escape. Of other text it takes away nothing but an apostrophe
// in front of what looks like a formula.
func unescape(text string) string {
	if rest, has := strings.CutPrefix(text, "'"); has && formula(text) {
		return rest
	}
	return text
}

// appendField writes a field, quoted where it has to be.
func appendField(dst []byte, field string) []byte {
	if !strings.ContainsAny(field, ",\"\n\r") {
		return append(dst, field...)
	}
	dst = append(dst, '"')
	for _, c := range []byte(field) {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

// appendRow writes a row.
func appendRow(dst *bytes.Buffer, fields ...string) {
	line := dst.AvailableBuffer()
	for i, field := range fields {
		if i > 0 {
			line = append(line, ',')
		}
		line = appendField(line, field)
	}
	dst.Write(append(line, '\n'))
}
