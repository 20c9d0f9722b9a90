package web

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"samleng/internal/problem"
)

// What a file of rows may hold.
const (
	fileBytes   = 1 << 20
	fileRows    = 500
	fileColumns = 40
)

// sheet is a file of rows as it was sent. Its cells are what stood between the
// separators, byte for byte, quotation marks of the file's own taken away.
type sheet struct {
	Header []string
	Rows   []sheetRow // below the header; rows with nothing in them are left out
	// Tolerated lists what is unusual about the file and was understood anyway:
	// codes of "sheet".
	Tolerated []string
}

// sheetRow is one row; N is its number as a spreadsheet shows it, the header
// being 1.
type sheetRow struct {
	N     int
	Cells []string
}

// readSheet reads a file as spreadsheets save it: cells separated by commas,
// semicolons or tabs, in quotation marks where they hold such signs or line
// ends. The error is a problem that names the row.
func readSheet(data []byte) (*sheet, error) {
	s := &sheet{}
	if len(data) > fileBytes {
		return nil, problem.New(problem.TooLarge, "problem.too_large", "kb", fileBytes/1024)
	}
	text, err := s.text(data)
	if err != nil {
		return nil, err
	}
	separator := separatorOf(text)
	switch separator {
	case ';':
		s.tolerate("semicolon")
	case '\t':
		s.tolerate("tab")
	}
	for n := 1; text != ""; n++ {
		var cells []string
		var ok bool
		cells, text, ok = s.row(text, separator)
		if !ok {
			return nil, problem.New(problem.Invalid, "problem.csv_malformed", "row", n)
		}
		if len(cells) > fileColumns {
			return nil, problem.New(problem.Invalid, "problem.csv_columns", "row", n, "limit", fileColumns)
		}
		switch {
		case n == 1:
			s.Header = cells
		case slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }):
			s.Rows = append(s.Rows, sheetRow{n, cells})
		}
		if n > 100*fileRows {
			break // nothing but line ends
		}
	}
	switch {
	case len(s.Rows) == 0:
		return nil, problem.New(problem.Invalid, "problem.csv_empty")
	case len(s.Rows) > fileRows:
		return nil, problem.New(problem.Invalid, "problem.csv_rows", "n", len(s.Rows), "limit", fileRows)
	}
	return s, nil
}

func (s *sheet) tolerate(code string) {
	if !slices.Contains(s.Tolerated, code) {
		s.Tolerated = append(s.Tolerated, code)
	}
}

// text gives the file's text: UTF-8, with or without a mark at its beginning,
// or UTF-16 with one, as a spreadsheet's "Unicode text" is.
func (s *sheet) text(data []byte) (string, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xef, 0xbb, 0xbf}):
		s.tolerate("mark")
		data = data[3:]
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	}
	if order != nil {
		if len(data)%2 != 0 {
			return "", problem.New(problem.Invalid, "problem.encoding")
		}
		s.tolerate("utf16")
		units := make([]uint16, 0, len(data)/2)
		for at := 2; at < len(data); at += 2 {
			units = append(units, order.Uint16(data[at:]))
		}
		runes := utf16.Decode(units)
		if slices.Contains(runes, utf8.RuneError) {
			return "", problem.New(problem.Invalid, "problem.encoding")
		}
		return string(runes), nil
	}
	if !utf8.Valid(data) || bytes.ContainsRune(data, utf8.RuneError) {
		return "", problem.New(problem.Invalid, "problem.encoding")
	}
	return string(data), nil
}

// separatorOf picks the separator that stands most often in the first line,
// outside quotation marks.
func separatorOf(text string) byte {
	counts := map[byte]int{}
	quoted := false
	for i := range len(text) {
		c := text[i]
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			if c == '\n' || c == '\r' {
				break
			}
			counts[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// row reads one row. It is false where a quotation mark has no partner, or has
// something behind it that does not belong there.
func (s *sheet) row(text string, separator byte) (cells []string, rest string, ok bool) {
	for {
		var cell string
		if strings.HasPrefix(text, `"`) {
			if cell, text, ok = s.quoted(text[1:]); !ok {
				return nil, "", false
			}
		} else {
			end := strings.IndexAny(text, string([]byte{separator, '\n', '\r'}))
			if end < 0 {
				end = len(text)
			}
			cell, text = text[:end], text[end:]
		}
		if cells = append(cells, cell); len(cells) > fileColumns {
			return cells, "", true
		}
		switch {
		case text == "":
			return cells, "", true
		case text[0] == separator:
			text = text[1:]
		case strings.HasPrefix(text, "\r\n"):
			s.tolerate("crlf")
			return cells, text[2:], true
		case text[0] == '\n':
			return cells, text[1:], true
		case text[0] == '\r':
			s.tolerate("cr")
			return cells, text[1:], true
		default:
			return nil, "", false
		}
	}
}

// quoted reads a cell from behind its first quotation mark: two in a row stand
// for one.
func (s *sheet) quoted(text string) (cell, rest string, ok bool) {
	var b strings.Builder
	for {
		end := strings.IndexByte(text, '"')
		if end < 0 {
			return "", "", false
		}
		b.WriteString(text[:end])
		text = text[end+1:]
		if !strings.HasPrefix(text, `"`) {
			break
		}
		b.WriteByte('"')
		text = text[1:]
	}
	if strings.ContainsAny(b.String(), "\r\n") {
		s.tolerate("lines")
	}
	return b.String(), text, true
}

// csvCell writes a cell so that a spreadsheet shows it and does not run it: one
// that begins as a formula gets an apostrophe in front.
func csvCell(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		cell = "'" + cell
	}
	if strings.ContainsAny(cell, "\",;\t\r\n") || strings.TrimSpace(cell) != cell {
		return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}
	return cell
}

// writeSheet writes rows as spreadsheets read them best: with a mark that says
// UTF-8, and lines that end in CR LF.
func writeSheet(rows [][]string) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff")
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(csvCell(cell))
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}
