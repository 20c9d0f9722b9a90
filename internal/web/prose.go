package web

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"samleng/act"
	"samleng/internal/locale"
	"samleng/internal/problem"
)

// wordsProblem says what is wrong with words that somebody typed, nil if
// nothing is: limit is the most characters as readers count them (0 for no
// limit but that of bytes), most the most bytes.
func wordsProblem(field, text string, limit, most int) *problem.Error {
	wrong := func(key string, params ...any) *problem.Error {
		return problem.New(problem.Invalid, key, params...).In(field)
	}
	switch {
	case len(text) > most:
		return wrong("problem.bytes_long")
	case act.Blank(text):
		return wrong("problem.text_empty")
	case !utf8.ValidString(text), strings.ContainsRune(text, utf8.RuneError):
		return wrong("problem.encoding")
	case act.HasControls(text):
		return wrong("problem.control_characters")
	case locale.LegacyKhmer(text):
		return wrong("problem.legacy_khmer")
	}
	if n := act.Clusters(text); limit > 0 && n > limit {
		return wrong("problem.text_long", "n", n, "limit", limit)
	}
	return nil
}

// maxExplanation is the most bytes of an explanation (act.Explanation).
const maxExplanation = 8000

// explanationOf reads an explanation that has to be given.
func explanationOf(form url.Values, field string) (*act.Explanation, *problem.Error) {
	text := form.Get(field)
	return &act.Explanation{Text: text}, wordsProblem(field, text, 0, maxExplanation)
}

// chosen reads one of a list of choices.
func chosen(form url.Values, field string, choices []string) (string, *problem.Error) {
	value := form.Get(field)
	switch {
	case value == "":
		return "", problem.New(problem.Invalid, "problem.choose").In(field)
	default:
		for _, choice := range choices {
			if choice == value {
				return value, nil
			}
		}
		return "", problem.New(problem.Invalid, "problem.choice_unknown").In(field)
	}
}

// spokenLanguages are the languages that people speak at dialogues, the most
// spoken first; writtenLanguages those that views are mostly written in. Both
// are codes of "language" in the catalogues.
var (
	writtenLanguages = []string{"km", "en", "cja", "vie", "lao"}
	spokenLanguages  = []string{"km", "tpu", "jra", "krr", "brb", "cmo", "krv", "xkk", "cja", "lao", "vie", "en"}
)

// codeOptions are the choices of a list of codes.
func codeOptions(codes []string, current string) []option {
	options := make([]option, len(codes))
	for i, code := range codes {
		options[i] = option{Value: code, Current: code == current}
	}
	return options
}
