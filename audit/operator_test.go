package audit_test

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/translog"
)

// leaf makes a well-formed leaf that nobody checked against the rules.
func leaf(t testing.TB, at time.Time, by act.By, of act.ID, facts act.Facts) []byte {
	t.Helper()
	id, err := act.NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made, err := act.New(act.Draft{By: by, Of: of, Facts: facts}, id, at, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return made.Leaf
}

// lyingOperator rewrites the log itself and signs it anew.
func lyingOperator(t *testing.T, w *world) []lie {
	honest := w.leaves(t)
	size := int64(len(honest))
	var last time.Time
	var dialogue, published act.ID
	w.View(func(s *civic.State) {
		last = s.At()
		dialogue = s.Dialogues()[0].ID
		for _, v := range s.Statements() {
			if v.Shown() {
				published = v.ID
			}
		}
	})
	add := func(more ...[]byte) http.Handler {
		return forge(t, w.handler, origin, append(honest[:size:size], more...))
	}
	twice := forge(t, w.handler, origin, append(honest[:size:size], honest[size-1]))
	rewritten := append([][]byte{}, honest...)
	rewritten[300] = honest[299]
	seen := w.seen(t, 1000)
	known := func(c *audit.Config) { c.Seen = []translog.Checkpoint{seen} }
	// Acts of the past: of the hour and by the author of those around them.
	calendar, policy := insertable(t, honest, act.KindCalendarDeclared), insertable(t, honest, act.KindPolicyDeclared)
	continued := honest[:900:900]
	for len(continued) < int(size)+1 {
		continued = append(continued, repeated(t, policy, honest[899]))
	}
	return []lie{
		{name: "a calendar put into the past", server: missing(forge(t, w.handler, origin, slices.Insert(slices.Clone(honest), 990, repeated(t, calendar, honest[989]))), "/log/sections/3"), config: known,
			check: audit.CheckFork, position: 1000, words: []string{seen.Root.String()}},
		{name: "a policy put into the past", server: missing(forge(t, w.handler, origin, slices.Insert(slices.Clone(honest), 990, repeated(t, policy, honest[989]))), "/log/sections/3"), config: known,
			check: audit.CheckFork, position: 1000, words: []string{seen.Root.String()}},
		{name: "the log restored from an old copy, and gone on", server: missing(forge(t, w.handler, origin, continued), "/log/sections/3"), config: known,
			check: audit.CheckFork, position: 1000, words: []string{seen.Root.String()}},
		{name: "a view published twice", server: add(leaf(t, last, act.System, published, &act.StatementPublished{})), check: audit.CheckForbidden, position: size,
			words: []string{"statement.published", civic.RefusedDecided}},
		{name: "a dialogue opened twice", server: add(leaf(t, last, act.System, dialogue, &act.DialogueOpened{})), check: audit.CheckForbidden, position: size,
			words: []string{"dialogue.opened", "refused."}},
		{name: "an act of an earlier hour", server: add(leaf(t, last.Add(-time.Hour), act.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 99}})),
			check: audit.CheckForbidden, position: size, words: []string{civic.RefusedTime}},
		{name: "an act of tomorrow", server: add(leaf(t, today.AddDate(0, 0, 1), act.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 99}})),
			check: audit.CheckTime, position: size, words: []string{"2026-11-27"}},
		{name: "an act twice", server: twice, check: audit.CheckForbidden, position: size, words: []string{civic.RefusedExists}},
		{name: "a leaf that is no header", server: add([]byte(`{"v":1}`)), check: audit.CheckHeader, position: size},
		{name: "a leaf in invalid UTF-8", server: add([]byte("\xff\xfe")), check: audit.CheckHeader, position: size},
		{name: "the log rewritten and signed anew", server: forge(t, w.handler, origin, rewritten), config: known, check: audit.CheckForbidden, position: 300},
		{name: "the log restored from an old copy", server: forge(t, w.handler, origin, honest[:900]), config: known, check: audit.CheckOld, position: 900, words: []string{"1000"}},
		{name: "an act left out, and the log signed anew", server: forge(t, w.handler, origin, append(append([][]byte{}, honest[:999]...), honest[1000:]...)), config: known,
			check: audit.CheckFork, position: 1000, words: []string{seen.Root.String()}},
	}
}

// insertable is the header of the first act of a kind.
func insertable(t testing.TB, leaves [][]byte, kind act.Kind) *act.Header {
	t.Helper()
	for _, leaf := range leaves {
		if h, err := act.DecodeHeader(leaf); err == nil && h.Kind == kind {
			return h
		}
	}
	t.Fatalf("no %s", kind)
	return nil
}

// repeated makes an act like one that is there, of the hour of another.
func repeated(t testing.TB, like *act.Header, after []byte) []byte {
	t.Helper()
	h, err := act.DecodeHeader(after)
	if err != nil {
		t.Fatal(err)
	}
	return leaf(t, h.At, like.By, like.Of, like.Facts)
}

// TestCannotCompare meets what only a newer program knows: no finding, and no
// word that all is right.
func TestCannotCompare(t *testing.T) {
	w := served(t)
	honest := w.leaves(t)
	size := int64(len(honest))
	var last time.Time
	w.View(func(s *civic.State) { last = s.At() })
	known := leaf(t, last, act.System, act.ID{}, &act.RulesAdopted{Version: 1})
	for name, newer := range map[string][]byte{
		"an unknown kind":    bytes.Replace(known, []byte(`"rules.adopted"`), []byte(`"rules.abolished"`), 1),
		"an unknown version": bytes.Replace(known, []byte(`"v":1`), []byte(`"v":2`), 1),
		"unknown rules":      leaf(t, last, act.System, act.ID{}, &act.RulesAdopted{Version: civic.RulesVersion + 1}),
	} {
		report := run(t, forge(t, w.handler, origin, append(honest[:size:size], newer)), nil)
		if report.Outcome != audit.Unfinished || report.Outcome.Status() != 2 || len(report.Findings) != 0 || report.Acts != size || report.Leaves != size+1 {
			t.Errorf("%s: %+v", name, report)
		}
		at := audit.Unchecked{}
		for _, u := range report.Unchecked {
			if u.Reason == audit.ReasonUnknown {
				at = u
			}
		}
		if at.Position != size || at.Count != 1 || at.Detail == "" {
			t.Errorf("%s: %+v", name, at)
		}
	}
}

// TestHard audits over a line on which requests fail: those are made again, and
// where that does not help the audit says that it is not finished.
func TestHard(t *testing.T) {
	w := served(t)
	if report := run(t, failing(w.handler, 3), nil); report.Outcome != audit.Verified {
		t.Errorf("every third request fails: %+v", report)
	}
	report := run(t, failing(w.handler, 1), nil)
	if report.Outcome != audit.Unfinished || report.Stopped == "" || len(report.Findings) != 0 {
		t.Errorf("every request fails: %+v", report)
	}
	slow := http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/log/tile/0/001" {
			w.handler.ServeHTTP(out, r)
			return
		}
		out.WriteHeader(http.StatusOK)
		out.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	report = run(t, slow, func(c *audit.Config) { c.Tries = 1 })
	if report.Outcome != audit.Unfinished || report.Stopped == "" || report.Leaves != 256 {
		t.Errorf("an answer that does not come: %+v", report)
	}
}

// TestGoesOn audits a site that has gone on past its checkpoint: the figures
// cannot be compared, and that is said; a first date can.
func TestGoesOn(t *testing.T) {
	w := served(t)
	moved := standing(w.handler, "999999")
	report := run(t, moved, nil)
	if report.Outcome != audit.Unfinished || len(report.Findings) != 0 || !unchecked(report, audit.ReasonMoved) {
		t.Errorf("%+v", report)
	}
	report = run(t, altered(moved, "/api/v1/commitments", replaced(`"first_end":"2`, `"first_end":"3`)), nil)
	if report.Outcome != audit.Wrong || report.Findings[0].Check != audit.CheckCommitment {
		t.Errorf("a first date changed meanwhile: %+v", report)
	}
	none := altered(w.handler, "/api/v1/commitments", func([]byte) []byte { return []byte(`{"commitments":[]}`) })
	report = run(t, standing(none, "10"), nil)
	if report.Outcome != audit.Unfinished || !unchecked(report, audit.ReasonBehind) {
		t.Errorf("a site that is behind: %+v", report)
	}
}

// standing answers as from another position, but for days that have passed.
func standing(next http.Handler, position string) http.Handler {
	moved := header(next, "/api/", "Samleng-Position", position)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("at") {
			next.ServeHTTP(w, r)
		} else {
			moved.ServeHTTP(w, r)
		}
	})
}

func unchecked(r audit.Report, reason audit.Reason) bool {
	for _, u := range r.Unchecked {
		if u.Reason == reason {
			return true
		}
	}
	return false
}

// TestSeen: a checkpoint seen before that the log continues is no finding, and
// is counted.
func TestSeen(t *testing.T) {
	w := served(t)
	report := run(t, w.handler, func(c *audit.Config) {
		c.Keys = []string{w.VerifierKey()}
		c.Seen = []translog.Checkpoint{w.seen(t, 1000), w.seen(t, 256), w.seen(t, w.Position())}
	})
	if report.Outcome != audit.Verified || report.Seen != 3 || report.Learned {
		t.Errorf("%+v", report)
	}
}

// TestFolder audits a copy in a folder.
func TestFolder(t *testing.T) {
	w := served(t)
	dir := t.TempDir()
	paths := []string{"checkpoint", "key"}
	for tile := range translog.Tiles(0, w.Position()) {
		paths = append(paths, tile.Path())
	}
	for b := int64(0); b*256 < w.Position(); b++ {
		paths = append(paths, "sections/"+itoa(b))
	}
	for _, path := range paths {
		name := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, get(t, w.handler, "/log/"+path), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config := audit.Config{Fetch: audit.Folder(dir), Now: func() time.Time { return today }}
	report, err := audit.Run(t.Context(), config)
	if err != nil || report.Outcome != audit.Verified || report.Acts != w.Position() || !unchecked(report, audit.ReasonNoSite) {
		t.Errorf("%v: %+v", err, report)
	}
	if err := os.Remove(filepath.Join(dir, "tile", "0", "003")); err != nil {
		t.Fatal(err)
	}
	report, err = audit.Run(t.Context(), config)
	if err != nil || report.Outcome != audit.Wrong || report.Findings[0].Check != audit.CheckTree || report.Findings[0].Position != 768 {
		t.Errorf("a tile is not there: %v: %+v", err, report)
	}
	if _, err := audit.Folder(dir)(t.Context(), "nothing"); !os.IsNotExist(err) && err != fs.ErrNotExist {
		t.Error(err)
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
