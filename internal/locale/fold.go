package locale

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"samleng/act"
)

// Fold returns the search key of a text: equal for all texts that make the same
// picture in Khmer, whatever the order of their code points, and for Latin
// texts that differ in case and accents only. Invisible characters are gone,
// digits are 0–9, white space is one space, none at the ends. Fold(Fold(s)) is
// Fold(s). The key is for comparing and never takes the place of what was said.
func Fold(s string) string {
	visible := strings.Map(func(r rune) rune {
		if act.Invisible(r) || isLatinMark(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	var b strings.Builder
	b.Grow(len(visible))
	for len(visible) > 0 {
		khmer := strings.IndexFunc(visible, func(r rune) bool { return !isKhmer(r) })
		if khmer < 0 {
			khmer = len(visible)
		}
		foldKhmer(&b, []rune(oldLetters.Replace(visible[:khmer])))
		visible = visible[khmer:]
		other := strings.IndexFunc(visible, isKhmer)
		if other < 0 {
			other = len(visible)
		}
		foldOther(&b, visible[:other])
		visible = visible[other:]
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// foldOther folds a run without Khmer: compatibility forms apart, accents off,
// lower case.
func foldOther(b *strings.Builder, s string) {
	for _, r := range norm.NFKD.String(s) {
		r = unicode.ToLower(r)
		switch {
		case isLatinMark(r) || act.Invisible(r):
		case undecomposed[r] != "":
			b.WriteString(undecomposed[r])
		default:
			b.WriteRune(r)
		}
	}
}

// undecomposed are Latin letters that Unicode does not take apart although
// people leave the stroke out when they search.
var undecomposed = map[rune]string{
	'đ': "d", 'ð': "d", 'ł': "l", 'ø': "o", 'ı': "i", 'ħ': "h", 'ŧ': "t",
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th",
	// Quotation marks and dashes are typed as the keyboard has them.
	'‘': "'", '’': "'", 'ʼ': "'", '“': `"`, '”': `"`, '–': "-", '—': "-", '‑': "-", '‐': "-", '−': "-",
}

// isLatinMark reports the accents that Fold takes off. Marks of other scripts
// are vowels and tones there and stay.
func isLatinMark(r rune) bool {
	return r >= 0x0300 && r <= 0x036f || r >= 0x1ab0 && r <= 0x1aff ||
		r >= 0x1dc0 && r <= 0x1dff || r >= 0x20d0 && r <= 0x20ff || r >= 0xfe20 && r <= 0xfe2f
}

const (
	coeng      = '\u17d2'
	ra         = '\u179a'
	da         = '\u178a'
	ta         = '\u178f'
	robat      = '\u17cc'
	muusikatoa = '\u17c9' // ៉
	triisap    = '\u17ca' // ៊
	vowelAA    = '\u17b6'
	vowelII    = '\u17b8'
	vowelU     = '\u17bb'
	vowelOE    = '\u17be'
	vowelE     = '\u17c1'
	vowelOO    = '\u17c4'
	atthacan   = '\u17dd'
)

func isKhmer(r rune) bool     { return r >= 0x1780 && r <= 0x17ff }
func isKhmerBase(r rune) bool { return r >= 0x1780 && r <= 0x17b3 }
func isVowel(r rune) bool     { return r >= 0x17b6 && r <= 0x17c5 }

// isKhmerMark reports what follows a base within its syllable.
func isKhmerMark(r rune) bool {
	return isVowel(r) || r >= 0x17c6 && r <= 0x17d3 || r == atthacan
}

// aboveVowel reports the vowels over which a register shifter cannot stand, so
// that it is drawn below, where it looks like the vowel u.
func aboveVowel(r rune) bool { return r >= 0x17b7 && r <= 0x17ba || r == vowelOE }

// foldKhmer writes a run of the Khmer block syllable by syllable, each in one
// order: base, robat, subscripts, shifter, vowels, signs.
func foldKhmer(b *strings.Builder, run []rune) {
	for i := 0; i < len(run); {
		r := run[i]
		switch {
		case isKhmerBase(r):
			b.WriteRune(r)
			i += foldMarks(b, run[i+1:]) + 1
		case isKhmerMark(r):
			// Marks with nothing to carry them: a dotted circle on the screen.
			i += foldMarks(b, run[i:])
		case r >= '០' && r <= '៩':
			b.WriteRune(r - '០' + '0')
			i++
		default:
			b.WriteRune(r)
			i++
		}
	}
}

// oldLetters writes deprecated and variant letters as what stands for them
// today; ឲ្យ and ឱ្យ are one word.
var oldLetters = strings.NewReplacer("\u17a3", "\u17a2", "\u17a4", "\u17a2\u17b6", "\u17b2", "\u17b1", "\u17d8", "។ល។")

// foldMarks writes the marks at the start of run in order and returns how many
// runes it used.
func foldMarks(b *strings.Builder, run []rune) int {
	var coengs, vowels, signs []rune
	var shifters [2]bool // muusikatoan, triisap
	hasRobat, hasCoengRa := false, false
	i := 0
	for ; i < len(run) && isKhmerMark(run[i]); i++ {
		switch r := run[i]; {
		case r == coeng:
			// Canonical ordering (NFC) may have put ៝ between a coeng and its
			// letter; a coeng with no letter after it shows nothing of its own.
			next := i + 1
			for next < len(run) && run[next] == atthacan {
				next++
			}
			if next == len(run) || !isKhmerBase(run[next]) {
				continue
			}
			if next > i+1 {
				signs = append(signs, atthacan)
			}
			i = next
			switch under := run[next]; under {
			case ra:
				hasCoengRa = true
			case da: // drawn like ta below another letter
				coengs = append(coengs, ta)
			default:
				coengs = append(coengs, under)
			}
		case r == robat:
			hasRobat = true
		case r == muusikatoa:
			shifters[0] = true
		case r == triisap:
			shifters[1] = true
		case isVowel(r):
			vowels = append(vowels, r)
		default:
			signs = append(signs, r)
		}
	}
	if hasRobat {
		b.WriteRune(robat)
	}
	if hasCoengRa {
		coengs = append(coengs, ra)
	}
	for _, r := range coengs {
		b.WriteRune(coeng)
		b.WriteRune(r)
	}
	vowels = joinVowels(vowels, &shifters)
	if shifters[0] {
		b.WriteRune(muusikatoa)
	}
	if shifters[1] {
		b.WriteRune(triisap)
	}
	slices.Sort(signs)
	for _, r := range slices.Concat(vowels, slices.Compact(signs)) {
		b.WriteRune(r)
	}
	return i
}

// joinVowels brings the vowels of one syllable into one order, joins the split
// writings of ើ and ោ, and makes one of the three things that look alike below
// a letter with a vowel above it: ៉, ៊ and ុ.
func joinVowels(vowels []rune, shifters *[2]bool) []rune {
	slices.Sort(vowels)
	vowels = slices.Compact(vowels)
	join := func(second, joined rune) {
		if slices.Contains(vowels, vowelE) && slices.Contains(vowels, second) {
			vowels = slices.DeleteFunc(vowels, func(r rune) bool { return r == vowelE || r == second })
			vowels = append(vowels, joined)
		}
	}
	join(vowelII, vowelOE)
	join(vowelAA, vowelOO)
	if slices.ContainsFunc(vowels, aboveVowel) && (shifters[0] || shifters[1] || slices.Contains(vowels, vowelU)) {
		*shifters = [2]bool{false, true}
		vowels = slices.DeleteFunc(vowels, func(r rune) bool { return r == vowelU })
	}
	slices.Sort(vowels)
	return slices.Compact(vowels)
}
