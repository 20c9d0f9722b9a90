package demo

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A phrase is a text with choices: "[a|b|c]" is one of its parts, "{n:3-8}" a
// number from 3 to 8 in the digits of the text's language, and "{place}" and
// "{commune}" are words that depend on where it is said. Choices are not nested.

// expand makes the choices of a phrase.
func expand(phrase, language string, where place, random *rand.Rand) (string, error) {
	var out strings.Builder
	rest := phrase
	for {
		at := strings.IndexAny(rest, "[{")
		if at < 0 {
			out.WriteString(rest)
			return out.String(), nil
		}
		out.WriteString(rest[:at])
		closing := "]"
		if rest[at] == '{' {
			closing = "}"
		}
		inside, after, found := strings.Cut(rest[at+1:], closing)
		if !found {
			return "", fmt.Errorf("demo: %q has no end: %s", rest[at:], phrase)
		}
		if closing == "]" {
			choices := strings.Split(inside, "|")
			out.WriteString(choices[random.IntN(len(choices))])
		} else {
			word, err := slot(inside, language, where, random)
			if err != nil {
				return "", fmt.Errorf("%w: %s", err, phrase)
			}
			out.WriteString(word)
		}
		rest = after
	}
}

func slot(name, language string, where place, random *rand.Rand) (string, error) {
	switch name {
	case "place":
		return where.called(language), nil
	case "commune":
		return where.unit(language), nil
	}
	span, isNumber := strings.CutPrefix(name, "n:")
	from, to, _ := strings.Cut(span, "-")
	least, err := strconv.Atoi(from)
	most, err2 := strconv.Atoi(to)
	if !isNumber || err != nil || err2 != nil || most < least {
		return "", fmt.Errorf("demo: {%s} is not known", name)
	}
	return digits(strconv.Itoa(least+random.IntN(most-least+1)), language), nil
}

// digits writes a number's digits as its language does.
func digits(number, language string) string {
	if language != "km" {
		return number
	}
	return strings.Map(func(r rune) rune { return '០' + r - '0' }, number)
}

// gap begins a passage that is left out of the open copy: «reason:words».
const gap = "«"

// piece is a part of a text: words, with the reason if they are left out.
type piece struct{ text, gap string }

// pieces takes a text with marked gaps apart.
func pieces(text string) []piece {
	var all []piece
	for text != "" {
		before, rest, found := strings.Cut(text, gap)
		if before != "" {
			all = append(all, piece{text: before})
		}
		if !found {
			break
		}
		inside, after, _ := strings.Cut(rest, "»")
		reason, words, _ := strings.Cut(inside, ":")
		all = append(all, piece{text: words, gap: reason})
		text = after
	}
	return all
}
