package audit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// mark is a figure on a page: an element with data-of="NAME" data-value="VALUE",
// and the text in it, which is what people read.
type mark struct {
	name, value string
	text        string
}

// mostMarks bounds the figures of one page.
const mostMarks = 10_000

// marksOf reads the figures of a page. Pages are well-formed enough for the
// standard library's reader with the void elements of HTML; one that is not is
// none of ours.
func marksOf(page []byte) (marks []mark, err error) {
	if !utf8.Valid(page) {
		return nil, fmt.Errorf("%w: invalid UTF-8", errForm)
	}
	decoder := xml.NewDecoder(bytes.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var open []int // for each open element the place of its mark, -1 for none
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return marks, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			at := -1
			if name := attribute(t, "data-of"); name != "" {
				if len(marks) == mostMarks {
					return nil, fmt.Errorf("%w: more than %d figures", errForm, mostMarks)
				}
				at = len(marks)
				marks = append(marks, mark{name: name, value: attribute(t, "data-value")})
			}
			open = append(open, at)
		case xml.EndElement:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case xml.CharData:
			for _, at := range open {
				if at >= 0 {
					marks[at].text += string(t) + " "
				}
			}
		}
	}
}

func attribute(element xml.StartElement, name string) string {
	for _, a := range element.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// says reports whether the text of a mark shows its value to people: the numbers
// of the value are among those of the text, and of a day the month too. Words for
// codes differ by language and are not looked at.
func (m mark) says() bool {
	if day, err := time.Parse(time.DateOnly, m.value); err == nil {
		return hasNumbers(m.text, fmt.Sprint(day.Day()), fmt.Sprint(day.Year())) &&
			(strings.Contains(m.text, day.Month().String()) || strings.Contains(m.text, khmerMonths[day.Month()-1]))
	}
	for _, part := range strings.Split(m.value, "/") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return r < '0' || r > '9' }) {
			return true
		}
		// Nought and one may be said in words.
		if part == "0" || part == "1" && len(numbersOf(m.text)) == 0 {
			continue
		}
		if !hasNumbers(m.text, part) {
			return false
		}
	}
	return true
}

// khmerMonths are the months of the common calendar.
var khmerMonths = [...]string{"មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ"}

// hasNumbers reports whether every one of the numbers stands in a text.
func hasNumbers(text string, numbers ...string) bool {
	there := numbersOf(text)
	return !slices.ContainsFunc(numbers, func(number string) bool { return !slices.Contains(there, number) })
}

// numbersOf lists the whole numbers in a text. Digits of both scripts count, and
// commas between them do not; a share is another number.
func numbersOf(text string) []string {
	runes := []rune(text)
	for i, r := range runes {
		if r >= '០' && r <= '៩' {
			runes[i] = '0' + r - '០'
		}
	}
	digit := func(i int) bool { return i >= 0 && i < len(runes) && runes[i] >= '0' && runes[i] <= '9' }
	var b strings.Builder
	for i, r := range runes {
		switch {
		case digit(i):
			b.WriteRune(r)
		case r == ',' && digit(i-1) && digit(i+1):
		case r == '%' && digit(i-1):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Fields(b.String())
}
