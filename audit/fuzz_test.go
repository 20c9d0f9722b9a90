package audit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"
	"time"

	"samleng/audit"
)

// FuzzAnswers gives an audit anything as any one of the answers: it ends, and
// says neither that all is right nor nothing.
func FuzzAnswers(f *testing.F) {
	f.Add("key", []byte("a+00000000+AAAA\n"))
	f.Add("checkpoint", []byte("test.example/register\n1\n\n\n— x AAAA\n"))
	f.Fuzz(func(t *testing.T, path string, content []byte) {
		report, err := audit.Run(t.Context(), audit.Config{Now: time.Now, Tries: 1, Fetch: func(_ context.Context, asked string) ([]byte, error) {
			if asked == path {
				return content, nil
			}
			return nil, fs.ErrNotExist
		}})
		if err != nil || report.Outcome == audit.Verified || report.Stopped == "" && len(report.Findings) == 0 {
			t.Errorf("%v: %+v", err, report)
		}
	})
}

// FuzzSections reads anything as a bundle of open sections.
func FuzzSections(f *testing.F) {
	f.Add([]byte(`[{"position":3,"sections":[{"name":"text","salt":"AAAAAAAAAAAAAAAAAAAAAA==","content":"{}"}]}]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		last := int64(-1)
		for _, position := range audit.SectionPositions(content) {
			if position <= last {
				t.Errorf("act %d after %d", position, last)
			}
			last = position
		}
	})
}

// FuzzFigures gives a sound log and anything as the site's answers: what does
// not follow from the log is never verified.
func FuzzFigures(f *testing.F) {
	dir := f.TempDir()
	writeCopy(f, dir, 400, 0)
	f.Add([]byte(`{"registered":30}`), []byte(`[]`), []byte(`{"commitments":[{"id":"a"}],"next":"2"}`))
	f.Add([]byte(`{}`), []byte(`[{"id":"x"}]`), []byte(`{"commitments":[],"next":""}`))
	f.Fuzz(func(t *testing.T, balance, authorities, commitments []byte) {
		report, err := audit.Run(t.Context(), audit.Config{Now: func() time.Time { return today }, Tries: 1, Fetch: audit.Folder(dir),
			API: func(_ context.Context, path string) (audit.Answer, error) {
				answer := audit.Answer{Body: balance, Position: 400, AsAt: today}
				switch {
				case strings.HasPrefix(path, "authorities"):
					answer.Body = authorities
				case strings.HasPrefix(path, "commitments"):
					answer.Body = commitments
				}
				return answer, nil
			}})
		if err != nil || report.Outcome == audit.Verified || report.Acts != 400 {
			t.Errorf("%v: %+v", err, report)
		}
	})
}

// FuzzPage reads anything as a page and as a feed.
func FuzzPage(f *testing.F) {
	f.Add([]byte(`<!doctype html><p data-of="a" data-value="7">7<br>&nbsp;<input disabled><b data-of="b" data-value="2026-03-01">ទី1 ខែមីនា ឆ្នាំ2026</b></p>`))
	f.Add([]byte(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x</id></entry></feed>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		values, unsaid := audit.Marks(content)
		if unsaid > len(values) || len(values) > len(content) || len(audit.FeedIDs(content)) > len(content) {
			t.Errorf("%d figures, %d of them unsaid", len(values), unsaid)
		}
	})
}

// TestMarks: the text of a figure has to show it, in digits of both scripts.
func TestMarks(t *testing.T) {
	for page, unsaid := range map[string]int{
		`<td data-of="a" data-value="1284">1,284</td>`:                              0,
		`<td data-of="a" data-value="1284">១២៨៤</td>`:                               0,
		`<td data-of="a" data-value="1284">1,283</td>`:                              1,
		`<td data-of="a" data-value="40">40%</td>`:                                  1,
		`<td data-of="a" data-value="1">one of them</td>`:                           0,
		`<td data-of="a" data-value="1">2 of them</td>`:                             1,
		`<b data-of="a" data-value="2026-03-01">1 March 2026</b>`:                   0,
		`<b data-of="a" data-value="2026-03-01">ថ្ងៃទី1 ខែមីនា ឆ្នាំ2026</b>`:       0,
		`<b data-of="a" data-value="2026-03-01">1 April 2026</b>`:                   1,
		`<b data-of="a" data-value="3/0/2">3 agree · nobody disagrees · 2 pass</b>`: 0,
		`<b data-of="a" data-value="3/0/2">2 agree · nobody disagrees · 3 pass</b>`: 1,
		`<b data-of="a" data-value="0">99</b>`:                                      1,
		`<b data-of="a" data-value="5">5 of 99</b>`:                                 1,
		`<b data-of="a" data-value="5">99 <i hidden>5</i></b>`:                      1,
		`<b data-of="a" data-value="5">５ 5</b>`:                                     1,
		`<b data-of="a" data-value="5">5</b>9`:                                      1,
		"<b data-of=\"a\" data-value=\"5\">5</b>\u200b<i>9</i>":                     1,
		`<td>9</td><td data-of="a" data-value="5">5</td><td>9</td>`:                 0,
		`9<b data-of="a" data-value="5">5</b>`:                                      1,
	} {
		if values, got := audit.Marks([]byte(page)); len(values) != 1 || got != unsaid {
			t.Errorf("%s: %v, %d unsaid", page, values, got)
		}
	}
}

// TestMarksUnseen: what people do not see is no figure, and what browsers read
// otherwise is no page.
func TestMarksUnseen(t *testing.T) {
	const figure = `<b data-of="a" data-value="5">5</b>`
	for _, page := range []string{`<div hidden>` + figure + `</div>`, `<DIV HIDDEN>` + figure + `</DIV>`, `<p style="opacity:0">` + figure + `</p>`,
		`<p class="a hidden">` + figure + `</p>`, `<template>` + figure + `</template>`, `<noscript>` + figure + `</noscript>`, `<textarea>` + figure + `</textarea>`,
		`<p aria-hidden="true">` + figure + `</p>`, `<!-- ` + figure + ` -->`, `<!-->` + figure, `<?x ` + figure + `?>`, `<![CDATA[` + figure + `]]>`,
		`<!doctype html [<!ENTITY a "b">]>` + figure} {
		if values, _ := audit.Marks([]byte(page)); len(values) != 0 {
			t.Errorf("%s: %v", page, values)
		}
	}
	for _, page := range []string{figure, `<!doctype html>` + figure, `<p class="hiddenly" aria-hidden="false">` + figure + `</p>`, `<p hidden>1</p>` + figure} {
		if values, _ := audit.Marks([]byte(page)); len(values) != 1 {
			t.Errorf("%s: %v", page, values)
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, text := range []string{`{"a":1,"b":{"a":[{"a":2},{"a":3}]}}`, `{"a":1,"a":2}`, `{"A":1}`, `{"a\u0062":1,"ab":2}`, `[{"a":"\"b\":,{"},"x"]`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		err := audit.CheckNames(content) // of what is no JSON too: it must end
		var value any
		if json.Unmarshal(content, &value) != nil {
			return
		}
		if wrong := ambiguous(json.NewDecoder(bytes.NewReader(content))); wrong != (err != nil) {
			t.Errorf("%s: %v, and ambiguous: %t", content, err, wrong)
		}
	})
}

// ambiguous reads one value token by token, and says whether an object in it has a
// name twice, or one that is not of small letters.
func ambiguous(d *json.Decoder) (wrong bool) {
	token, err := d.Token()
	if err != nil {
		return false
	}
	delim, _ := token.(json.Delim)
	names := map[string]bool{}
	for delim != 0 && d.More() {
		if delim == '{' {
			name, err := d.Token()
			if err != nil {
				return wrong
			}
			said := name.(string)
			odd := strings.ContainsFunc(said, func(r rune) bool { return r >= 'A' && r <= 'Z' || r < ' ' || r > '~' })
			wrong, names[said] = wrong || odd || names[said], true
		}
		wrong = ambiguous(d) || wrong
	}
	if delim != 0 {
		_, _ = d.Token()
	}
	return wrong
}
