package locale

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// LegacyKhmer reports whether a text is Khmer typed for a font of the time
// before Unicode (Limon, ABC and their kin): Latin letters that only such a font
// shows as Khmer, "GgÁkarGnupléRBeQI". Without the font nobody can read it, and
// no search finds it.
//
// Those fonts use small and capital letters as different Khmer letters, so that
// capitals stand in the middle of nearly every word, in pieces that no language
// pronounces. A text counts as legacy when words of that kind hold at least
// three tenths of its letters; so a name or an abbreviation in a text of any
// other language raises no alarm, and no list of words is needed.
func LegacyKhmer(s string) bool {
	odd, all := 0, 0
	for word := range strings.FieldsSeq(s) {
		if isAddress(word) || isMojibake(word) {
			continue
		}
		letters, strange := inspect(word)
		all += letters
		if strange {
			odd += letters
		}
	}
	return odd >= 6 && odd*10 >= all*3
}

// isAddress reports words that may be spelled in any way: addresses, handles,
// tags and names of files.
func isAddress(word string) bool {
	return strings.HasPrefix(word, "#") || strings.Contains(word, "@") || strings.Contains(word, "://") ||
		strings.HasPrefix(strings.ToLower(word), "www.")
}

// isMojibake reports words whose characters, taken as bytes, are UTF-8 again:
// another kind of damage ("rÃ©sumÃ©"), with other advice.
func isMojibake(word string) bool {
	bytes := make([]byte, 0, len(word))
	high := false
	for _, r := range word {
		if r > 0xff {
			return false
		}
		high = high || r >= 0x80
		bytes = append(bytes, byte(r))
	}
	return high && utf8.Valid(bytes)
}

// inspect counts the letters of a word and says whether its spelling is that of
// a legacy font: capitals after small letters that cut it into pieces which are
// no words, or signs amid the letters.
func inspect(word string) (letters int, strange bool) {
	runes := []rune(word)
	turns, stranger, signs, marks := 0, 0, 0, 0
	start, shortest := 0, len(runes)
	for i, r := range runes {
		if unicode.In(r, unicode.Latin) {
			letters++
		} else if unicode.IsLetter(r) {
			// Another script, Khmer among them, is no legacy font's.
			return letters, false
		}
		if i == 0 {
			continue
		}
		before := runes[i-1]
		switch {
		case unicode.IsLower(before) && unicode.IsUpper(r):
			turns++
			stranger += oddPiece(runes[start:i])
			shortest = min(shortest, i-start)
			start = i
		case !unicode.IsLetter(before) || i+1 == len(runes) || !unicode.IsLetter(runes[i+1]):
		case strings.ContainsRune(legacySigns, r):
			signs++
		case strings.ContainsRune(legacyMarks, r):
			marks++
		}
	}
	stranger += oddPiece(runes[start:])
	shortest = min(shortest, len(runes)-start)
	if strings.ContainsRune(word, '>') {
		marks = 0 // a tag or an arrow
	}
	return letters, turns >= 2 && stranger >= 2 ||
		turns == 1 && stranger == 2 && shortest >= 3 ||
		signs >= 2 || marks >= 2 || turns >= 1 && signs+marks >= 1
}

// Signs that the fonts use as letters: no language writes the first between two
// letters, and the second only by a slip of the finger.
const (
	legacySigns = "¢£¤¥¦§¨©¬®¯°±²³´µ¶¸¹¼½¾¿¡×÷"
	legacyMarks = ")<[]{}|\\"
)

// oddPiece is 1 for a piece of a word (capitals, then small letters) that is no
// word by itself and 0 otherwise. In camelCase the pieces are words.
func oddPiece(piece []rune) int {
	piece = []rune(strings.TrimFunc(string(piece), func(r rune) bool { return !unicode.IsLetter(r) }))
	switch len(piece) {
	case 0:
		return 0
	case 1:
		return 1
	case 2:
		if smallWords[strings.ToLower(string(piece))] {
			return 0
		}
		return 1
	}
	vowel := false
	for i, r := range piece {
		if i > 0 && unicode.IsUpper(r) && unicode.IsUpper(piece[i-1]) && unicode.IsLower(piece[len(piece)-1]) {
			return 1 // RBe
		}
		if i > 0 && !unicode.IsLetter(r) && r != '-' && r != '\'' && r != '’' {
			return 1
		}
		vowel = vowel || strings.ContainsRune("aeiouyAEIOUY", r) || r >= 0xc0
	}
	if !vowel || piece[0] >= 0x80 {
		return 1
	}
	return 0
}

var smallWords = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields("am an as at be by de do du en et go he id if in is it la le me my no of on or so to un up us we") {
		words[w] = true
	}
	return words
}()
