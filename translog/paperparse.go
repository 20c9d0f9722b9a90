package translog

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// PaperError says what is wrong with a checkpoint that was typed from paper.
type PaperError struct {
	Part string // "A" to "D" for a line of the root, "log", "size", "date"; "" for the whole
	Row  int    // the line of the text, from 1; 0 where no one line is to blame
	Why  string
}

func (e *PaperError) Error() string {
	switch e.Part {
	case "":
		return "checkpoint on paper: " + e.Why
	case "A", "B", "C", "D":
		return "checkpoint on paper, line " + e.Part + ": " + e.Why
	}
	return "checkpoint on paper, " + e.Part + ": " + e.Why
}

// Parts of a paper form, in the order in which an unlabelled one has them: 1 to 4
// are the lines of the root.
const (
	partFree = 0 // what stands behind no label
	partSize = paperLines + 1
	partDate = paperLines + 2
	partLog  = paperLines + 3
	partNone = paperLines + 4 // words that say nothing
	allParts = paperLines + 5
)

// maxSizeDigits is as many digits as the largest size and its check have.
const maxSizeDigits = 15 + checkDigits

var partNames = [allParts]string{"", "A", "B", "C", "D", "size", "date", "log", ""}

// paperWords are the labels of both languages, in lower case.
var paperWords = map[string]int{
	"a": 1, "ក": 1, "b": 2, "ខ": 2, "c": 3, "គ": 3, "d": 4, "ឃ": 4,
	"entries": partSize, "size": partSize, "ធាតុ": partSize, "ទំហំ": partSize, "ចំនួនធាតុ": partSize,
	"date": partDate, "day": partDate, "printed": partDate, "កាលបរិច្ឆេទ": partDate, "ថ្ងៃ": partDate, "ថ្ងៃទី": partDate,
	"log": partLog, "origin": partLog, "កំណត់ហេតុ": partLog,
	"samleng": partNone, "checkpoint": partNone, "utc": partNone, "check": partNone, "សំឡេង": partNone, "ស្ថានភាពកំណត់ហេតុ": partNone,
}

// paperText is a text taken apart.
type paperText struct {
	origin, day string
	digits      [allParts]strings.Builder
	row         [allParts]int // where the part's digits begin
	rows        []paperRow
}

// paperRow counts what stands behind no label in a line of the text.
type paperRow struct{ row, digits int }

// ParsePaper reads a checkpoint that somebody typed from paper, at most
// [MaxPaper] bytes: size and check, then the root's lines, each with its check.
// Digits may be Latin or Khmer; white space, line breaks, dots and dashes mean
// nothing; the labels of [Checkpoint.Paper] may be there in either language or be
// left out, but all of A to D or none. The origin stands behind its label on a line
// of its own, the day as 2006-01-02; both may be missing. The error is a
// [*PaperError].
func ParsePaper(text []byte) (PaperCheckpoint, error) {
	t, wrong := readPaper(text)
	if wrong == nil {
		wrong = t.share()
	}
	p := PaperCheckpoint{Origin: t.origin, Day: t.day}
	if wrong == nil {
		p.Size, wrong = t.size()
	}
	for i := 1; i <= paperLines && wrong == nil; i++ {
		wrong = t.line(i, p.Root[(i-1)*2*lineGroups:])
	}
	if wrong == nil && p.Size == 0 && p.Root != EmptyRoot() {
		wrong = &PaperError{"size", t.row[partSize], "a log without entries has another root"}
	}
	if wrong != nil {
		return PaperCheckpoint{}, wrong
	}
	return p, nil
}

// IsPaper reports whether a line of text can be one of a paper form: nothing but
// digits, labels and what may stand between them, or the label of the origin.
func IsPaper(line string) bool {
	t, wrong := readPaper([]byte(line))
	if wrong != nil && wrong.Part != "log" && wrong.Part != "date" {
		return false
	}
	return t.origin != "" || strings.TrimSpace(line) != ""
}

func readPaper(text []byte) (*paperText, *PaperError) {
	t := &paperText{}
	if len(text) > MaxPaper {
		return t, &PaperError{"", 0, fmt.Sprintf("%d bytes, at most %d", len(text), MaxPaper)}
	}
	if !utf8.Valid(text) {
		return t, &PaperError{"", 0, "not UTF-8"}
	}
	part := partFree
	for i, row := range strings.Split(string(text), "\n") {
		row = strings.Map(plainRune, row)
		if origin, is := originOf(row); is {
			if t.origin != "" || !ValidOrigin(origin) {
				return t, &PaperError{"log", i + 1, "want the name of one log behind its label, on a line of its own"}
			}
			t.origin, part = origin, partFree
			continue
		}
		var wrong *PaperError
		if row, wrong = t.takeDay(row, i+1); wrong != nil {
			return t, wrong
		}
		if part, wrong = t.takeRow(row, i+1, part); wrong != nil {
			return t, wrong
		}
	}
	return t, nil
}

// plainRune writes Khmer digits as Latin ones and drops what cannot be seen.
func plainRune(r rune) rune {
	if r >= '០' && r <= '៩' {
		return r - '០' + '0'
	}
	if unicode.Is(unicode.Cf, r) {
		return -1
	}
	return r
}

// originOf gives what stands behind the label of the origin, "" if that is nothing
// or more than one word.
func originOf(row string) (string, bool) {
	label, rest, found := strings.Cut(strings.ReplaceAll(row, "៖", ":"), ":")
	if !found {
		label, rest, _ = strings.Cut(strings.TrimSpace(row), " ")
	}
	words := strings.FieldsFunc(strings.ToLower(label), func(r rune) bool { return unicode.IsSpace(r) || r == '/' })
	for _, word := range words {
		if paperWords[word] != partLog {
			return "", false
		}
	}
	return strings.TrimSpace(rest), len(words) > 0
}

var paperDay = regexp.MustCompile(`(?:^|[^0-9])([0-9]{4})[-./]([0-9]{2})[-./]([0-9]{2})(?:$|[^0-9])`)

// takeDay takes a day out of a line.
func (t *paperText) takeDay(row string, n int) (string, *PaperError) {
	found := paperDay.FindStringSubmatchIndex(row)
	if found == nil {
		return row, nil
	}
	day := row[found[2]:found[3]] + "-" + row[found[4]:found[5]] + "-" + row[found[6]:found[7]]
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return row, &PaperError{"date", n, "there is no such day"}
	}
	if t.day != "" {
		return row, &PaperError{"date", n, "it stands there twice"}
	}
	t.day = day
	return row[:found[2]] + " " + row[found[7]:], nil
}

// takeRow shares the digits of a line out by the labels before them; part is the
// one that the line before left open.
func (t *paperText) takeRow(row string, n, part int) (int, *PaperError) {
	if part > paperLines {
		part = partFree // sizes and days end with their line
	}
	free := t.digits[partFree].Len()
	for row != "" {
		r, width := utf8.DecodeRuneInString(row)
		switch {
		case r >= '0' && r <= '9':
			if t.digits[part].Len() == 0 {
				t.row[part] = n
			}
			t.digits[part].WriteRune(r)
		case unicode.IsLetter(r):
			width = len(row) - len(strings.TrimLeftFunc(row, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }))
			named := paperWords[strings.ToLower(row[:width])]
			if named == 0 || named == partLog {
				return 0, &PaperError{partNames[part], n, fmt.Sprintf("%.40q is no digit and no label", row[:width])}
			}
			if named != partNone {
				if t.digits[named].Len() > 0 {
					return 0, &PaperError{partNames[named], n, "it stands there twice; leave an empty line between two checkpoints"}
				}
				part = named
			}
		case !unicode.IsSpace(r) && !unicode.IsPunct(r) && r != '−' && r != '|':
			return 0, &PaperError{partNames[part], n, fmt.Sprintf("%q is no digit and no label", r)}
		}
		row = row[width:]
	}
	if free = t.digits[partFree].Len() - free; free > 0 {
		t.rows = append(t.rows, paperRow{n, free})
	}
	return part, nil
}

// share gives the digits that stand behind no label to the parts that they are of.
func (t *paperText) share() *PaperError {
	if t.digits[partDate].Len() > 0 {
		return &PaperError{"date", t.row[partDate], "write it as year, month and day: 2026-03-12"}
	}
	free, labelled := t.digits[partFree].String(), 0
	for i := 1; i <= paperLines; i++ {
		if t.digits[i].Len() > 0 {
			labelled++
		}
	}
	if labelled == 0 {
		lines := t.asRows(free)
		if lines == nil {
			size := len(free) - paperLines*lineDigits
			if size < 0 || size > maxSizeDigits || size == 0 && t.digits[partSize].Len() == 0 {
				return &PaperError{"", 0, fmt.Sprintf("%d digits; want the size with its check, and %d lines of %d", len(free), paperLines, lineDigits)}
			}
			lines = []string{free[:size]}
			for i := range paperLines {
				lines = append(lines, free[size+i*lineDigits:][:lineDigits])
			}
		}
		for i, line := range lines[1:] {
			t.digits[i+1].WriteString(line)
		}
		free = lines[0]
	} else {
		for i := 1; i <= paperLines; i++ {
			if t.digits[i].Len() == 0 {
				return &PaperError{partNames[i], 0, "it is missing"}
			}
		}
	}
	if free != "" && t.digits[partSize].Len() > 0 {
		return &PaperError{"", t.row[partFree], "digits that belong to no part"}
	}
	if t.digits[partSize].Len() == 0 {
		t.row[partSize] = t.row[partFree]
		t.digits[partSize].WriteString(free)
	}
	return nil
}

// asRows gives size and lines as the text's own lines have them, where those that
// carry no label look like that: then a digit that is missing is missing in its
// line. Else nil.
func (t *paperText) asRows(free string) []string {
	rows, lines := t.rows, []string{""}
	if len(rows) == paperLines+1 {
		lines[0], free = free[:rows[0].digits], free[rows[0].digits:]
		rows = rows[1:]
	}
	if len(rows) != paperLines {
		return nil
	}
	for i, row := range rows {
		if row.digits < lineDigits-6 || row.digits > lineDigits+6 {
			return nil
		}
		lines, free = append(lines, free[:row.digits]), free[row.digits:]
		t.row[i+1] = row.row
	}
	return lines
}

func countWords(digits int) string {
	return fmt.Sprintf("%d digits, want %d: four groups of five, and two of check", digits, lineDigits)
}

// size reads the size and holds it to its check.
func (t *paperText) size() (int64, *PaperError) {
	digits, row := t.digits[partSize].String(), t.row[partSize]
	if len(digits) <= checkDigits {
		return 0, &PaperError{"size", row, "it is missing, or its check is"}
	}
	size, err := strconv.ParseInt(digits[:len(digits)-checkDigits], 10, 64)
	if err != nil || size > MaxSize {
		return 0, &PaperError{"size", row, "no log is that long"}
	}
	if !checked(0, digits) {
		return 0, &PaperError{"size", row, "the check does not fit: compare each digit with the paper"}
	}
	return size, nil
}

// line reads a line of the root, holds it to its check, and writes its 8 bytes.
func (t *paperText) line(i int, root []byte) *PaperError {
	digits, wrong := t.digits[i].String(), &PaperError{Part: partNames[i], Row: t.row[i]}
	if len(digits) != lineDigits {
		wrong.Why = countWords(len(digits))
		return wrong
	}
	for g := range lineGroups {
		group, err := strconv.ParseUint(digits[g*groupDigits:][:groupDigits], 10, 16)
		if err != nil {
			wrong.Why = fmt.Sprintf("group %d is above 65535: compare it with the paper", g+1)
			return wrong
		}
		binary.BigEndian.PutUint16(root[2*g:], uint16(group))
	}
	if !checked(i, digits) {
		wrong.Why = "the check does not fit: compare each digit with the paper"
		return wrong
	}
	return nil
}
