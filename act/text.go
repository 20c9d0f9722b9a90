package act

import (
	"unicode"

	"github.com/rivo/uniseg"
)

// Blank reports whether text shows nothing: empty, or only white space and
// invisible characters (the Khmer word break U+200B is one that trimming
// leaves standing).
func Blank(text string) bool {
	for _, r := range text {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && r != '\u115f' && r != '\u3164' && r != '\u2800' {
			return false
		}
	}
	return true
}

// HasControls reports whether text has characters that steer a terminal or
// turn the direction of writing about, other than line breaks and tabs.
func HasControls(text string) bool {
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t':
		case unicode.Is(unicode.Cc, r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069',
			r == '\ufffe', r == '\uffff', r >= 0xe0000 && r <= 0xe007f:
			return true
		}
	}
	return false
}

// coeng joins the Khmer consonant after it beneath the one before it.
const coeng = '\u17d2'

// Clusters counts the characters of a text as its reader sees them: grapheme
// clusters, where a Khmer consonant with the signs and the consonants that
// stand beneath it is one. (Unicode's own rules end a cluster after a coeng.)
func Clusters(text string) int {
	count, joins := 0, false
	for state := -1; len(text) > 0; {
		var cluster string
		cluster, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		if !joins || !isKhmerLetter(firstRune(cluster)) {
			count++
		}
		joins = endsInCoeng(cluster)
	}
	return count
}

func firstRune(text string) rune {
	for _, r := range text {
		return r
	}
	return 0
}

func isKhmerLetter(r rune) bool { return r >= '\u1780' && r <= '\u17b3' }

func endsInCoeng(cluster string) bool {
	var last rune
	for _, r := range cluster {
		last = r
	}
	return last == coeng
}
