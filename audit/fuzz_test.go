package audit_test

import (
	"context"
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
	} {
		if values, got := audit.Marks([]byte(page)); len(values) != 1 || got != unsaid {
			t.Errorf("%s: %v, %d unsaid", page, values, got)
		}
	}
}
