package locale

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// clusters calls yield with the byte span of every cluster of s: what a reader
// takes for one character. Unicode's own clusters end after a Khmer coeng; here
// base, subscripts, vowels and signs are one. It stops when yield returns false.
func clusters(s string, yield func(start, end int) bool) {
	start, end, state := 0, 0, -1
	rest := s
	for rest != "" {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		end += len(cluster)
		next, _ := utf8.DecodeRuneInString(rest)
		if isKhmerBase(next) && endsInCoeng(s[start:end]) {
			continue
		}
		if !yield(start, end) {
			return
		}
		start = end
	}
}

// endsInCoeng reports whether the last character that shows is a coeng.
func endsInCoeng(s string) bool {
	for s != "" {
		r, size := utf8.DecodeLastRuneInString(s)
		if r == coeng {
			return true
		}
		if !Invisible(r) && r != atthacan {
			return false
		}
		s = s[:len(s)-size]
	}
	return false
}

// Graphemes counts the characters of s as a reader counts them. ស្ត្រី is one.
// Invisible ones, such as the zero width space between Khmer words, are not
// counted; so the bytes of a text need a limit of their own.
func Graphemes(s string) int {
	n := 0
	clusters(s, func(start, end int) bool {
		if !allInvisible(s[start:end]) {
			n++
		}
		return true
	})
	return n
}

// Truncate returns s if it has at most n characters, and otherwise its
// beginning with an ellipsis, together at most n characters. It never cuts
// inside a character.
func Truncate(s string, n int) string {
	if n <= 0 {
		return ""
	}
	count, cut := 0, 0
	whole := true
	clusters(s, func(start, end int) bool {
		if !allInvisible(s[start:end]) {
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
	return strings.TrimRightFunc(s[:cut], func(r rune) bool { return unicode.IsSpace(r) || Invisible(r) }) + "…"
}

func allInvisible(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !Invisible(r) }) < 0
}

// IsBlank reports whether s shows nothing: empty, or white space and invisible
// characters only.
func IsBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !Invisible(r) && r != '\u2800' // an empty Braille cell
	}) < 0
}

// ControlCharacters reports whether s holds characters that no person types and
// that can deceive a reader or a program: control characters other than line
// end and tab, characters that reverse the direction of what follows, hidden
// tags, non-characters, and bytes that are no text.
func ControlCharacters(s string) bool {
	if !utf8.ValidString(s) {
		return true
	}
	inFlag := false
	for i, r := range s {
		// Hidden tag characters are allowed where they spell a flag.
		inFlag = r == '\U0001f3f4' || inFlag && isTag(r)
		switch {
		case r == '\n' || r == '\t':
		case r == '\r':
			// Browsers send a line end as CR LF; a CR alone overprints.
			if i+1 >= len(s) || s[i+1] != '\n' {
				return true
			}
		case unicode.Is(unicode.Cc, r),
			r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, // direction
			r >= 0x206a && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb,
			isTag(r) && !inFlag,
			r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
			return true
		}
	}
	return false
}

func isTag(r rune) bool { return r >= 0xe0000 && r <= 0xe007f }
