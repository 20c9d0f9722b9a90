package web

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"samleng/internal/problem"
)

func TestReadSheet(t *testing.T) {
	khmer := "មតិ,place\nទឹក,16\n"
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(strings.ReplaceAll(khmer, ",", "\t"))) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	for _, c := range []struct {
		name, file string
		want       [][]string
		tolerated  string
		wrong      string
	}{
		{"plain", "a,b\n1,2\n", [][]string{{"a", "b"}, {"1", "2"}}, "", ""},
		{"no line end at the end", "a,b\n1,2", [][]string{{"a", "b"}, {"1", "2"}}, "", ""},
		{"mark and CR LF", "\ufeffa,b\r\n1,2\r\n", [][]string{{"a", "b"}, {"1", "2"}}, "mark crlf", ""},
		{"CR alone", "a\r1\r2\r", [][]string{{"a"}, {"1"}, {"2"}}, "cr", ""},
		{"semicolons", "a;b\n1,5;2\n", [][]string{{"a", "b"}, {"1,5", "2"}}, "semicolon", ""},
		{"tabs", "a\tb\n1,5\t2;\n", [][]string{{"a", "b"}, {"1,5", "2;"}}, "tab", ""},
		{"UTF-16", string(wide), [][]string{{"មតិ", "place"}, {"ទឹក", "16"}}, "utf16 tab", ""},
		{"lines in a cell, byte for byte", "a\n\"one\r\ntwo\n \"\"three\"\"\"\n", [][]string{{"a"}, {"one\r\ntwo\n \"three\""}}, "lines", ""},
		{"a quotation mark inside a bare cell", "a\nHe said \"yes\"\n", [][]string{{"a"}, {`He said "yes"`}}, "", ""},
		{"empty cells and rows", "a,b\n,\n\n1,\n", [][]string{{"a", "b"}, {"1", ""}}, "", ""},
		{"a formula is left alone", "a\n=1+1\n", [][]string{{"a"}, {"=1+1"}}, "", ""},
		{"a header with a separator in quotation marks", "\"a;b;c\",d\n1,2\n", [][]string{{"a;b;c", "d"}, {"1", "2"}}, "", ""},
		{"no end of quotation", "a\n\"one\n", nil, "", "problem.csv_malformed"},
		{"something behind a quotation", "a\n\"one\"two\n", nil, "", "problem.csv_malformed"},
		{"header alone", "a,b\n", nil, "", "problem.csv_empty"},
		{"nothing", "", nil, "", "problem.csv_empty"},
		{"line ends alone", strings.Repeat("\n", 200_000), nil, "", "problem.csv_empty"},
		{"not UTF-8", "a\n\xe1\x9e\n", nil, "", "problem.encoding"},
		{"damaged before", "a\n\ufffd\n", nil, "", "problem.encoding"},
		{"half a UTF-16 letter", "\xff\xfea\x00\x00\xd8", nil, "", "problem.encoding"},
		{"an odd byte of UTF-16", "\xff\xfea\x00\n", nil, "", "problem.encoding"},
		{"too many rows", "a\n" + strings.Repeat("1\n", fileRows+1), nil, "", "problem.csv_rows"},
		{"too many columns", strings.Repeat(",", fileColumns) + "\n1\n", nil, "", "problem.csv_columns"},
		{"too large", strings.Repeat("x", fileBytes+1), nil, "", "problem.too_large"},
	} {
		s, err := readSheet([]byte(c.file))
		key := ""
		if err != nil {
			key = problem.Of(err).Key
		}
		if key != c.wrong {
			t.Errorf("%s: %q, not %q", c.name, key, c.wrong)
			continue
		}
		if err != nil {
			continue
		}
		got := [][]string{s.Header}
		for _, row := range s.Rows {
			got = append(got, row.Cells)
		}
		if !slices.EqualFunc(got, c.want, slices.Equal) || strings.Join(s.Tolerated, " ") != c.tolerated {
			t.Errorf("%s: %q (%v), want %q (%s)", c.name, got, s.Tolerated, c.want, c.tolerated)
		}
	}
}

// TestRowsAreNumberedAsInASpreadsheet: empty rows count, lines in a cell do not.
func TestRowsAreNumberedAsInASpreadsheet(t *testing.T) {
	s, err := readSheet([]byte("a\n\n\"one\ntwo\"\n\n3\n"))
	if err != nil || len(s.Rows) != 2 || s.Rows[0].N != 3 || s.Rows[1].N != 5 {
		t.Errorf("%+v %v", s, err)
	}
}

func TestWriteSheet(t *testing.T) {
	rows := [][]string{{"code", "=HYPERLINK(\"x\")", "+855", "-1", "@me", "\ttab", "＝1"}, {"KH-4T2M", "មតិ, \"yes\"\r\nno", "", " x ", "a;b", "'", "1"}}
	data := writeSheet(rows)
	if !bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) || !bytes.HasSuffix(data, []byte("\r\n")) {
		t.Errorf("no mark, or no line end: %q", data)
	}
	got, err := csv.NewReader(bytes.NewReader(data[3:])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range got[0][1:] {
		if cell[0] != '\'' {
			t.Errorf("a spreadsheet would run %q", cell)
		}
	}
	for i, cell := range got[1] {
		if want := strings.ReplaceAll(rows[1][i], "\r\n", "\n"); cell != want { // encoding/csv's doing
			t.Errorf("%q, not %q", cell, want)
		}
	}
}

func FuzzReadSheet(f *testing.F) {
	for _, seed := range []string{"a,b\n1,2\n", "\ufeffa;b\r\n\"1\r\n2\";3", "a\tb\r1\t2", "\xff\xfea\x00\n\x001\x00", `"a""b",c` + "\n,,", "\"", "\r\r\n\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := readSheet(data)
		if err != nil {
			if problem.Of(err).Kind == problem.Internal {
				t.Fatalf("%v is nobody's fault", err)
			}
			return
		}
		if len(s.Rows) == 0 || len(s.Rows) > fileRows {
			t.Fatalf("%d rows", len(s.Rows))
		}
		// Written and read again it says the same, but for the apostrophes.
		rows := [][]string{s.Header}
		for _, row := range s.Rows {
			rows = append(rows, row.Cells)
		}
		again, err := readSheet(writeSheet(rows))
		if err != nil {
			if key := problem.Of(err).Key; key != "problem.too_large" {
				t.Fatalf("read again: %v", err)
			}
			return
		}
		if len(again.Rows) != len(s.Rows) {
			t.Fatalf("%d rows, then %d", len(s.Rows), len(again.Rows))
		}
		for i, row := range again.Rows {
			for j, cell := range row.Cells {
				if cell != s.Rows[i].Cells[j] && cell != "'"+s.Rows[i].Cells[j] {
					t.Fatalf("%q became %q", s.Rows[i].Cells[j], cell)
				}
			}
		}
	})
}
