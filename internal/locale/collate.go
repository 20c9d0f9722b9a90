package locale

import (
	"strings"
	"unicode"
)

// khmerOrder is the alphabetical order of Khmer as CLDR has it: letters with
// four of the independent vowels among them, dependent vowels, the vowels that are written
// with nikahit and reahmuk, and last the subscript sign. The remaining signs do
// not count. golang.org/x/text/collate differs from it for the provinces.
var khmerOrder = func() map[string]rune {
	order := map[string]rune{}
	for _, letter := range strings.Fields(`
		ក ខ គ ឃ ង ច ឆ ជ ឈ ញ ដ ឋ ឌ ឍ ណ ត ថ ទ ធ ន ប ផ ព ភ ម យ
		រ ឫ ឬ ល ឭ ឮ វ ឝ ឞ ស ហ ឡ អ ៜ`) {
		order[letter] = rune(len(order) + 1)
	}
	for _, vowel := range []string{
		"\u17b6", "\u17b7", "\u17b8", "\u17b9", "\u17ba", "\u17bb", "\u17bc", "\u17bd", "\u17be", "\u17bf",
		"\u17c0", "\u17c1", "\u17c2", "\u17c3", "\u17c4", "\u17c5", "\u17bb\u17c6", "\u17c6", "\u17b6\u17c6",
		"\u17c7", "\u17b7\u17c7", "\u17bb\u17c7", "\u17c1\u17c7", "\u17c4\u17c7", "\u17d2",
	} {
		order[vowel] = rune(len(order) + 1)
	}
	return order
}()

// spelled are the independent vowels that CLDR sorts as the letter អ with the
// vowel they stand for; ឨ and ឪ come directly after their fellows.
var spelled = strings.NewReplacer("ឥ", "អិ", "ឦ", "អី", "ឧ", "អុ", "ឨ", "អុក", "ឩ", "អូ", "ឪ", "អូវ",
	"ឯ", "អែ", "ឰ", "អៃ", "ឱ", "អោ", "ឳ", "អៅ")

// Groups of the sort key, in order.
const (
	groupMark   = 1 // spaces and punctuation
	groupDigit  = 2
	groupKhmer  = 3
	groupLetter = 4 // of other scripts
)

// Compare orders two texts as a dictionary does: negative if a comes before b,
// 0 only for equal texts. Khmer comes before Latin, digits before both.
func Compare(a, b string) int {
	if c := strings.Compare(SortKey(a), SortKey(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// SortKey returns bytes whose order is the alphabetical order of the texts;
// texts that Fold makes equal have equal keys.
func SortKey(s string) string {
	folded := Fold(s)
	runes := []rune(spelled.Replace(folded))
	key := make([]byte, 0, 4*len(runes)+1+len(folded))
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		group, weight := byte(groupLetter), r
		switch {
		case isKhmerBase(r) || isKhmerMark(r) || r == '\u17dc':
			group, weight = groupKhmer, 0
			if i+1 < len(runes) {
				if weight = khmerOrder[string(runes[i:i+2])]; weight != 0 {
					i++
				}
			}
			if weight == 0 {
				weight = khmerOrder[string(r)]
			}
			if weight == 0 {
				continue // a sign that does not count
			}
		case unicode.IsDigit(r):
			group = groupDigit
		case !unicode.IsLetter(r) && !unicode.IsMark(r):
			group = groupMark
		}
		key = append(key, group, byte(weight>>16), byte(weight>>8), byte(weight))
	}
	// What the order does not tell apart (the signs) decides last.
	return string(append(append(key, 0), folded...))
}
