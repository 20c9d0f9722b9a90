package audit_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/translog"
)

// asked fetches from a handler that may be changed between runs, and counts.
type asked struct {
	handler  http.Handler
	requests int
	fail     string // a path that fails
	progress func(done int64)
}

func (a *asked) fetch(_ context.Context, path string) ([]byte, error) {
	a.requests++
	if path == a.fail {
		return nil, errors.New("no line")
	}
	out := httptest.NewRecorder()
	a.handler.ServeHTTP(out, httptest.NewRequest("GET", "/log/"+path, nil))
	if out.Code != http.StatusOK {
		return nil, fs.ErrNotExist
	}
	return out.Body.Bytes(), nil
}

// lengthened is the same log with the same key, of other leaves.
func (f *forged) lengthened(t testing.TB, leaves [][]byte) *forged {
	t.Helper()
	longer := *f
	longer.leaves = leaves
	var err error
	if longer.stored, err = translog.AppendHashes(0, translog.LeafHashes(leaves), hashes(nil)); err != nil {
		t.Fatal(err)
	}
	return &longer
}

func auditing(t testing.TB, from *asked) *audit.Auditor {
	t.Helper()
	a, err := audit.New(audit.Config{Seed: 7, Fetch: from.fetch, Now: func() time.Time { return today }, Tries: 1, Progress: func(done, _ int64) {
		if from.progress != nil {
			from.progress(done)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func again(t testing.TB, a *audit.Auditor) audit.Report {
	t.Helper()
	report, err := a.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// same compares what reports say, but for the signature.
func same(t *testing.T, got, want audit.Report) {
	t.Helper()
	got.Signed, want.Signed = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestAgain audits a log, and again after it has grown: the report is that of
// one audit of all, and what was read is not read again.
func TestAgain(t *testing.T) {
	w := served(t)
	leaves := w.leaves(t)
	whole := forge(t, w.handler, origin, leaves)
	want := again(t, auditing(t, &asked{handler: whole}))
	if want.Outcome != audit.Verified {
		t.Fatalf("%+v", want)
	}
	for _, first := range []int64{w.gone, 256, 300} {
		from := &asked{handler: whole.lengthened(t, leaves[:first])}
		a := auditing(t, from)
		if report := again(t, a); report.Outcome != audit.Verified || report.Acts != first {
			t.Fatalf("the first %d: %+v", first, report)
		}
		from.handler = whole
		same(t, again(t, a), want)
		from.requests = 0
		same(t, again(t, a), want) // nothing new
		if bundles := int(w.Position() / 256); from.requests > 3*16+40 {
			t.Errorf("%d requests for nothing new in %d bundles", from.requests, bundles)
		}
	}
}

// TestInterrupted ends an audit in the middle, by the one who runs it and by a
// line that fails: the next run goes on, and its report is that of one run.
func TestInterrupted(t *testing.T) {
	w := served(t)
	from := &asked{handler: w.handler}
	want := again(t, auditing(t, from))
	ctx, cancel := context.WithCancel(t.Context())
	from.progress = func(done int64) {
		if done == 8*256 {
			cancel()
		}
	}
	a := auditing(t, from)
	report, err := a.Run(ctx)
	if !errors.Is(err, context.Canceled) || report.Leaves < 8*256 || report.Leaves == want.Leaves {
		t.Errorf("%v: %d leaves", err, report.Leaves)
	}
	first := int64(-1)
	from.progress = func(done int64) {
		if first < 0 {
			first = done
		}
	}
	same(t, again(t, a), want)
	if first <= report.Leaves {
		t.Errorf("went on at %d after %d", first, report.Leaves)
	}
	from.progress = nil
	for _, path := range []string{"key", "checkpoint", "tile/0/003", "tile/entries/003", "sections/3", "sections/0"} {
		from.fail = path
		a := auditing(t, from)
		if report := again(t, a); report.Outcome != audit.Unfinished || !strings.Contains(report.Stopped, "no line") {
			t.Errorf("%s: %+v", path, report)
		}
		from.fail = ""
		same(t, again(t, a), want)
	}
}

// TestLiesBetween has the server begin to lie once it was found honest.
func TestLiesBetween(t *testing.T) {
	w := served(t)
	leaves := w.leaves(t)
	honest := forge(t, w.handler, origin, leaves)
	size := int64(len(leaves))
	position, name := w.openSection(t)
	sections := fmt.Sprintf("/log/sections/%d", position/256)
	rewritten := append([][]byte{}, leaves...)
	rewritten[size-1] = leaf(t, w.lastAt(), act.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 99}})
	for _, lie := range []struct {
		name     string
		server   http.Handler
		check    audit.Check
		position int64
		words    string
	}{
		{"a section altered", altered(honest, sections, w.sections(t, position, func(s []section) []section {
			s[0].Content = strings.Replace(s[0].Content, "{", "{ ", 1)
			return s
		})), audit.CheckSection, position, name},
		{"a section withheld as if erased", altered(honest, sections, w.sections(t, position, func([]section) []section { return nil })), audit.CheckMissing, position, name},
		{"an erased section served again", altered(honest, fmt.Sprintf("/log/sections/%d", w.gone/256), func([]byte) []byte { return w.before }), audit.CheckErased, w.gone, "text"},
		{"no sections any more", missing(honest, "/log/sections/"), audit.CheckMissing, audit.NoPosition, ""},
		{"an old leaf changed", altered(honest, "/log/tile/entries/001", bundle(t, func(e [][]byte) [][]byte { e[3], e[4] = e[4], e[3]; return e })), audit.CheckLeaf, 259, ""},
		{"the last act exchanged", honest.lengthened(t, rewritten), audit.CheckFork, size, ""},
		{"the last act exchanged, and one more", honest.lengthened(t, append(rewritten[:size:size], rewritten[size-1])), audit.CheckFork, size, ""},
		{"an old checkpoint", honest.lengthened(t, leaves[:size-1]), audit.CheckOld, size - 1, fmt.Sprint(size)},
		{"another key", forge(t, w.handler, origin, leaves), audit.CheckSignature, audit.NoPosition, ""},
	} {
		t.Run(lie.name, func(t *testing.T) {
			from := &asked{handler: honest}
			a := auditing(t, from)
			if report := again(t, a); report.Outcome != audit.Verified {
				t.Fatalf("%+v", report)
			}
			from.handler = lie.server
			var report audit.Report
			runs := int(size/256)/16 + 1
			for range runs {
				report = again(t, a)
			}
			if report.Outcome != audit.Wrong {
				t.Fatalf("%+v", report)
			}
			f := report.Findings[0]
			if f.Check != lie.check || lie.position != audit.NoPosition && f.Position != lie.position || !strings.Contains(f.String(), lie.words) || f.Log == "-1" {
				t.Errorf("found %v; want %s at %d", f, lie.check, lie.position)
			}
			from.handler = honest
			if later := again(t, a); later.Outcome != audit.Wrong || later.Findings[0] != f {
				t.Errorf("honest again, it is forgotten: %+v", later)
			}
		})
	}
}

func (w *world) lastAt() (at time.Time) {
	w.View(func(s *civic.State) { at = s.At() })
	return at
}
