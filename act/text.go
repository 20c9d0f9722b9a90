package act

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Blank reports whether text shows nothing: empty, or white space and invisible
// characters only (the Khmer word break U+200B is one that trimming leaves
// standing).
func Blank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return !unicode.IsSpace(r) && !Invisible(r) && r != '\u2800' // an empty Braille cell
	}) < 0
}

// HasControls reports whether text holds characters that no person types and
// that can deceive a reader or a program: control characters other than line
// end and tab, characters that reverse the direction of what follows, hidden
// tags, non-characters, and bytes that are no text.
func HasControls(s string) bool {
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

// coeng joins the Khmer consonant after it beneath the one before it.
const coeng = '\u17d2'

// atthacan is a sign that canonical ordering may put between a coeng and its
// letter.
const atthacan = '\u17dd'

// Clusters counts the characters of a text as its reader counts them: grapheme
// clusters, where a Khmer consonant with the signs and the consonants that
// stand beneath it is one: ស្ត្រី is one. Invisible ones, such as the zero width
// space between Khmer words, are not counted; so the bytes of a text need a
// limit of their own (MaxText).
func Clusters(text string) int {
	n := 0
	EachCluster(text, func(start, end int) bool {
		if !AllInvisible(text[start:end]) {
			n++
		}
		return true
	})
	return n
}

// EachCluster calls yield with the byte span of every cluster of s: what a
// reader takes for one character. Unicode's own clusters end after a Khmer
// coeng; here base, subscripts, vowels and signs are one. It stops when yield
// returns false.
func EachCluster(s string, yield func(start, end int) bool) {
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

// AllInvisible reports whether s has none but invisible characters.
func AllInvisible(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !Invisible(r) }) < 0
}

// isKhmerBase reports the letters that may stand beneath another.
func isKhmerBase(r rune) bool { return r >= 0x1780 && r <= 0x17b3 }

// Invisible reports the characters that show nothing and take no space: the
// default ignorable ones of Unicode, among them the zero width space that
// separates Khmer words, and the two Khmer inherent vowels.
func Invisible(r rune) bool {
	if r < 0xad {
		return false
	}
	for _, span := range invisible {
		if r >= span[0] && r <= span[1] {
			return true
		}
	}
	return false
}

var invisible = [...][2]rune{
	{0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
	{0x180b, 0x180f}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
	{0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfff8}, {0x1bca0, 0x1bca3},
	{0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
}
