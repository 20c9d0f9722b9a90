package audit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// mark is a figure on a page: an element with data-of="NAME" data-value="VALUE",
// and the text in it, which is what people read.
type mark struct {
	name, value string
	text        string
	// inline says that the element stands within a line, so that its text is the
	// figure and no sentence about it.
	inline bool
	// joined says that a digit stands right beside the element: people read both
	// as one number.
	joined bool
}

// mostMarks bounds the figures of one page.
const mostMarks = 10_000

// Elements within a line: what stands on both sides of their tags is read as one
// word.
var inlineElements = []string{"a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label", "mark", "q",
	"s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var"}

// Elements whose content browsers show not at all, or not as part of the page.
var unseenElements = []string{"head", "iframe", "math", "noembed", "noframes", "noscript", "object", "plaintext", "script", "select", "style", "svg", "template",
	"textarea", "title", "video", "xmp"}

// unseen reports whether people do not see what is in an element, as far as that
// shows without its style sheets.
func unseen(element xml.StartElement) bool {
	if slices.Contains(unseenElements, strings.ToLower(element.Name.Local)) {
		return true
	}
	for _, a := range element.Attr {
		switch strings.ToLower(a.Name.Local) {
		case "hidden", "style", "inert":
			return true
		case "aria-hidden":
			return a.Value != "false"
		case "class":
			if slices.Contains(strings.Fields(a.Value), "hidden") {
				return true
			}
		}
	}
	return false
}

// open is an element that is not closed yet: the place of its mark, -1 for none,
// and whether people see what is in it.
type openElement struct {
	mark   int
	unseen bool
}

// marker reads the figures of a page.
type marker struct {
	marks []mark
	open  []openElement
	last  rune // of the text right before, 0 behind what ends a word
	keep  bool
	all   strings.Builder // all text, where it is to be kept
	ended []int           // marks whose elements ended with nothing behind them yet
}

// marksOf reads the figures of a page that people see. Pages are well-formed
// enough for the standard library's reader with the void elements of HTML; one
// that is not is none of ours. Nor has one of ours comments and the like, which
// browsers end elsewhere than that reader.
func marksOf(page []byte) ([]mark, error) {
	var m marker
	if err := m.read(page); err != nil {
		return nil, err
	}
	return m.marks, nil
}

func (m *marker) read(page []byte) error {
	if !utf8.Valid(page) {
		return fmt.Errorf("%w: invalid UTF-8", errForm)
	}
	if bytes.Contains(page, []byte("<![")) {
		return fmt.Errorf("%w: a marked section in a page", errForm)
	}
	decoder := xml.NewDecoder(bytes.NewReader(page))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = m.take(token)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errForm, err)
		}
	}
}

// take takes the next token in.
func (m *marker) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		m.edge(t.Name.Local)
		return m.start(t)
	case xml.EndElement:
		if n := len(m.open); n > 0 {
			if at := m.open[n-1].mark; at >= 0 {
				m.ended = append(m.ended, at)
			}
			m.open = m.open[:n-1]
		}
		m.edge(t.Name.Local)
	case xml.CharData:
		m.text(string(t))
	case xml.Directive:
		if !strings.EqualFold(string(t), "doctype html") {
			return errors.New("a declaration in a page")
		}
	default:
		return errors.New("a comment or an instruction in a page")
	}
	return nil
}

// edge ends words at the tag of an element that is not within a line.
func (m *marker) edge(name string) {
	if !slices.Contains(inlineElements, name) {
		m.last, m.ended = 0, m.ended[:0]
	}
}

func (m *marker) start(element xml.StartElement) error {
	one := openElement{mark: -1, unseen: unseen(element)}
	if n := len(m.open); n > 0 {
		one.unseen = one.unseen || m.open[n-1].unseen
	}
	if name := attribute(element, "data-of"); name != "" && !one.unseen {
		if len(m.marks) == mostMarks {
			return fmt.Errorf("more than %d figures", mostMarks)
		}
		one.mark = len(m.marks)
		m.marks = append(m.marks, mark{name: name, value: attribute(element, "data-value"), joined: unicode.IsNumber(m.last),
			inline: slices.Contains(inlineElements, element.Name.Local)})
	}
	m.open = append(m.open, one)
	return nil
}

func (m *marker) text(text string) {
	if n := len(m.open); n > 0 && m.open[n-1].unseen {
		return
	}
	for _, r := range text {
		if unicode.Is(unicode.Cf, r) {
			continue // nobody sees it
		}
		for _, at := range m.ended {
			m.marks[at].joined = m.marks[at].joined || unicode.IsNumber(r)
		}
		m.ended = m.ended[:0]
		m.last = r
	}
	if m.keep {
		m.all.WriteString(text + " ")
	}
	for _, one := range m.open {
		if one.mark >= 0 {
			m.marks[one.mark].text += text + " "
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

// says reports whether the text of a mark shows its value to people, and no other
// number: those that may stand beside it are given. Nought and one may be said in
// words. Of a day the month is looked for too. Words for codes differ by language
// and are not looked at here.
func (m mark) says(beside ...string) bool {
	if m.joined {
		return false
	}
	there := numbersOf(m.text)
	if day, err := time.Parse(time.DateOnly, m.value); err == nil {
		number, year := strconv.Itoa(day.Day()), strconv.Itoa(day.Year())
		return slices.Contains(there, number) && slices.Contains(there, year) && within(there, append(beside, number, year)) && namesMonth(m.text, day.Month())
	}
	parts := strings.Split(m.value, "/")
	if slices.ContainsFunc(parts, func(part string) bool { return !isNumber(part) }) {
		return true
	}
	if len(parts) > 1 {
		// Which is which shows by their order.
		return inOrder(there, parts) && within(there, append(beside, parts...))
	}
	if !slices.Contains(there, m.value) && m.value != "0" && m.value != "1" {
		return false
	}
	return within(there, append(beside, m.value))
}

// inOrder reports whether numbers begin with the parts, of which those that are
// nought may be said in words.
func inOrder(numbers, parts []string) bool {
	for _, part := range parts {
		switch {
		case len(numbers) > 0 && numbers[0] == part:
			numbers = numbers[1:]
		case part != "0":
			return false
		}
	}
	return true
}

func isNumber(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// within reports whether all of some numbers may stand there; a share may
// anywhere, for nothing says of what it is one.
func within(there, allowed []string) bool {
	return !slices.ContainsFunc(there, func(number string) bool { return !strings.HasSuffix(number, "%") && !slices.Contains(allowed, number) })
}

// khmerMonths are the months of the common calendar.
var khmerMonths = [...]string{"មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ"}

func namesMonth(text string, month time.Month) bool {
	return strings.Contains(text, month.String()) || strings.Contains(text, khmerMonths[month-1])
}

// numbersOf lists the whole numbers in a text. Digits of both scripts count, and
// commas between them do not; a share is another number, and so is one in the
// digits of any other script, which people read and nothing here has.
func numbersOf(text string) []string {
	runes := []rune(text)
	for i, r := range runes {
		if r >= '០' && r <= '៩' {
			runes[i] = '0' + r - '០'
		}
	}
	digit := func(i int) bool { return i >= 0 && i < len(runes) && unicode.IsNumber(runes[i]) }
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
