package polis

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Limits on what is read.
const (
	maxFile   = 1 << 30
	maxField  = 64 << 10
	maxFields = 100_100
)

// Error says what is wrong with a file, and where. Rows are counted as a
// spreadsheet does: the header is row 1. It quotes at most a few characters.
type Error struct {
	File   string
	Row    int    // 0 where the file as a whole is meant
	Column string // empty where the row as a whole is meant
	What   string
}

// Error implements error.
func (e *Error) Error() string {
	where := e.File
	if e.Row > 0 {
		where += fmt.Sprintf(", row %d", e.Row)
	}
	if e.Column != "" {
		where += ", column " + e.Column
	}
	return where + ": " + e.What
}

// excerpt quotes what stands in a field, shortened.
func excerpt(field []byte) string {
	const most = 40
	if len(field) <= most {
		return fmt.Sprintf("%q", field)
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(field[cut]) {
		cut--
	}
	return fmt.Sprintf("%q…", field[:cut])
}

// scanner takes a CSV file (RFC 4180) apart, one row at a time. Unlike the
// standard library's it leaves line ends inside quotes as they are: the text is
// what was said.
type scanner struct {
	file string
	r    *bufio.Reader
	size int64
	row  int // of the last row that next gave, from 1
	// fields are pieces of record; both are used again for the next row.
	record []byte
	ends   []int
	fields [][]byte
}

func newScanner(file string, r io.Reader) (*scanner, error) {
	s := &scanner{file: file, r: bufio.NewReaderSize(r, 1<<16)}
	if head, _ := s.r.Peek(3); len(head) >= 2 && head[0] == 0x1f && head[1] == 0x8b {
		return nil, s.failf("it is compressed: unpack it first")
	} else if string(head) == "\ufeff" {
		_, err := s.r.Discard(len(head))
		return s, err
	}
	return s, nil
}

func (s *scanner) failf(format string, args ...any) error {
	return &Error{File: s.file, Row: s.row, What: fmt.Sprintf(format, args...)}
}

func (s *scanner) failAt(column, format string, args ...any) error {
	return &Error{File: s.file, Row: s.row, Column: column, What: fmt.Sprintf(format, args...)}
}

func (s *scanner) read() (byte, error) {
	if s.size++; s.size > maxFile {
		return 0, s.failf("more than %d bytes", maxFile)
	}
	c, err := s.r.ReadByte()
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read %s: %w", s.file, err)
	}
	return c, err
}

// next gives the fields of the next row, which stay valid until the next call;
// io.EOF after the last one. Blank lines are passed over.
func (s *scanner) next() ([][]byte, error) {
	for {
		s.row++
		s.record, s.ends = s.record[:0], s.ends[:0]
		last, err := s.scanRow()
		if err != nil {
			return nil, err
		}
		if len(s.ends) == 1 && s.ends[0] == 0 {
			if last {
				return nil, io.EOF
			}
			continue
		}
		if !utf8.Valid(s.record) {
			return nil, s.failf("it is not UTF-8 text")
		}
		s.fields = s.fields[:0]
		start := 0
		for _, end := range s.ends {
			s.fields = append(s.fields, s.record[start:end:end])
			start = end
		}
		return s.fields, nil
	}
}

// scanRow reads fields up to the end of a row. last says that the file ended.
func (s *scanner) scanRow() (last bool, err error) {
	for {
		end, err := s.scanField()
		if err != nil {
			return false, err
		}
		s.ends = append(s.ends, len(s.record))
		if len(s.ends) > maxFields {
			return false, s.failf("more than %d fields", maxFields)
		}
		if end != ',' {
			return end == 0, nil
		}
	}
}

// scanField reads a field and tells what ended it: a comma, a line end, or 0
// for the end of the file.
func (s *scanner) scanField() (end byte, err error) {
	start := len(s.record)
	c, err := s.read()
	if err == nil && c == '"' {
		return s.scanQuoted(start)
	}
	for ; err == nil; c, err = s.read() {
		switch c {
		case ',', '\n':
			return c, nil
		case '\r':
			return s.lineEnd()
		case '"':
			return 0, s.failf("field %d has a quote in its middle: quotes are doubled, inside quotes", len(s.ends)+1)
		}
		if s.record = append(s.record, c); len(s.record)-start > maxField {
			return 0, s.failf("field %d has more than %d bytes", len(s.ends)+1, maxField)
		}
	}
	if errors.Is(err, io.EOF) {
		return 0, nil
	}
	return 0, err
}

func (s *scanner) scanQuoted(start int) (end byte, err error) {
	for {
		c, err := s.read()
		if errors.Is(err, io.EOF) {
			return 0, s.failf("field %d begins with a quote that nothing closes", len(s.ends)+1)
		} else if err != nil {
			return 0, err
		}
		if c == '"' {
			switch c, err = s.read(); {
			case errors.Is(err, io.EOF):
				return 0, nil
			case err != nil:
				return 0, err
			case c == ',' || c == '\n':
				return c, nil
			case c == '\r':
				return s.lineEnd()
			case c != '"':
				return 0, s.failf("field %d goes on after its closing quote", len(s.ends)+1)
			}
		}
		if s.record = append(s.record, c); len(s.record)-start > maxField {
			return 0, s.failf("field %d has more than %d bytes", len(s.ends)+1, maxField)
		}
	}
}

// lineEnd reads what has to follow a carriage return.
func (s *scanner) lineEnd() (byte, error) {
	c, err := s.read()
	if err == nil && c == '\n' {
		return c, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = s.failf("a carriage return without a line feed, outside quotes")
	}
	return 0, err
}

// header reads the first row: names of columns, each once, those required
// among them.
func (s *scanner) header(required ...string) ([]string, error) {
	fields, err := s.next()
	if errors.Is(err, io.EOF) {
		s.row = 0
		return nil, s.failf("it is empty")
	} else if err != nil {
		return nil, err
	}
	names, seen := make([]string, len(fields)), make(map[string]bool, len(fields))
	for i, field := range fields {
		names[i] = string(field)
		if err := checkName(names[i]); err != nil {
			return nil, s.failAt(fmt.Sprint(i+1), "%s", err)
		}
		if seen[names[i]] {
			return nil, s.failAt(names[i], "the column is there twice")
		}
		seen[names[i]] = true
	}
	for _, name := range required {
		if !slices.Contains(names, name) {
			return nil, s.failf("there is no column %s", name)
		}
	}
	return names, nil
}

// checkName says whether a name of a column or of a summary row can be kept.
func checkName(name string) error {
	if name == "" || len(name) > 60 {
		return errors.New("a name of 1 to 60 characters is missing")
	}
	for _, r := range name {
		if r < ' ' || r == '"' || r == ',' || r == 0x7f || r == utf8.RuneError {
			return fmt.Errorf("the name %s has characters that names do not have", excerpt([]byte(name)))
		}
	}
	return nil
}

// body gives the rows after the header, each as wide as it.
func (s *scanner) body(columns []string) ([][]byte, error) {
	fields, err := s.next()
	if err == nil && len(fields) != len(columns) {
		return nil, s.failf("%d fields, and the header has %d", len(fields), len(columns))
	}
	return fields, err
}
