package locale

import (
	"strings"
	"unicode"

	"samleng/act"
)

// Truncate returns s if it has at most n characters, and otherwise its
// beginning with an ellipsis, together at most n characters. It never cuts
// inside a character.
func Truncate(s string, n int) string {
	if n <= 0 {
		return ""
	}
	count, cut := 0, 0
	whole := true
	act.EachCluster(s, func(start, end int) bool {
		if !act.AllInvisible(s[start:end]) {
			count++
		}
		if count > n {
			whole = false
			return false
		}
		if count < n {
			cut = end
		}
		return true
	})
	if whole {
		return s
	}
	return strings.TrimRightFunc(s[:cut], func(r rune) bool { return unicode.IsSpace(r) || act.Invisible(r) }) + "…"
}
