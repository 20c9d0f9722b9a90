package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"samleng/act"
)

// download is a file that is the same for everybody: a public page in another
// form, cached as one.
type download struct {
	Type string // the value of Content-Type
	Name string // under which a browser saves it, ASCII; "" for what is not saved
	// Next is the address of the rows that follow, "" after the last.
	Next string
	Body []byte
}

// describe sets the headers that a file has and a page has not.
func (d *download) describe(header http.Header) {
	header.Set("Content-Type", d.Type)
	if d.Name != "" {
		header.Set("Content-Disposition", `attachment; filename="`+d.Name+`"`)
	}
	if d.Next != "" {
		header.Set("Link", "<"+d.Next+`>; rel="next"`)
	}
}

// fileLines bounds the rows of one file. Those that follow are in another, to
// which the header Link leads.
const fileLines = 1000

// stretch tells which of a file's rows the address asks for, first to last
// (exclusive), and where the rest is.
func (v *visit) stretch(rows int) (first, last int, next string) {
	n, err := strconv.Atoi(v.known.Get("page"))
	if err != nil || n < 1 {
		n = 1
	}
	pages := max(1, (rows+fileLines-1)/fileLines)
	n = min(n, pages)
	first, last = (n-1)*fileLines, min(n*fileLines, rows)
	if n < pages {
		query := url.Values{"lang": {v.L.Tag()}}
		for name, values := range v.known {
			query[name] = values
		}
		query.Set("page", strconv.Itoa(n+1))
		next = v.r.URL.Path + "?" + query.Encode()
	}
	return first, last, next
}

// sheetOf makes a file of rows below a header.
func (v *visit) sheetOf(name, next string, rows [][]string) page {
	return page{File: &download{Type: "text/csv; charset=utf-8", Name: name, Next: next, Body: writeSheet(rows)}}
}

// say writes what somebody said as plain text: gaps are words in brackets.
func (v *visit) say(w words) string {
	var text strings.Builder
	for _, part := range w.Parts {
		text.WriteString(part.Text)
		if part.Gap != "" {
			text.WriteString(v.T("web.gap", "reason", v.code("reason", part.Gap)))
		}
	}
	return text.String()
}

func (v *visit) code(set, code string) string {
	if code == "" {
		return ""
	}
	return codeWord(v.L, set, code)
}

func (v *visit) name(names act.Names) string { return inLanguage(names.Name, v.L.Tag()) }

func (v *visit) names(all []act.Names) string {
	var words []string
	for _, names := range all {
		words = append(words, v.name(names))
	}
	return strings.Join(words, ", ")
}

// isoDay writes a day for machines and spreadsheets; "" for none.
func isoDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// matter says what a case is about: the need's name, or the view's code.
func (v *visit) matter(line caseLine) string {
	if line.Need != nil {
		return v.name(line.Need.Names)
	}
	if line.View != nil {
		return string(line.View.Code)
	}
	return ""
}
