package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/audit"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/mapping"
	"samleng/internal/register"
)

// siteOf serves a register whose figures are released and whose checkpoint is
// signed.
func siteOf(t *testing.T, data string) (*register.Register, http.Handler) {
	t.Helper()
	r := mustOpen(t, data)
	if err := r.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := mapping.PublishNow(t.Context(), r, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	site, err := newSite(siteConfig{register: r, baseURL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	return r, site
}

// auditedBy runs the command on a site that is served, and gives its report.
func auditedBy(t *testing.T, site http.Handler, args ...string) (report audit.Report) {
	t.Helper()
	server := httptest.NewServer(site)
	defer server.Close()
	out, err := run(t, append([]string{"audit", server.URL, "--json"}, args...)...)
	if err != nil {
		t.Errorf("audit %v: %v", args, err)
	}
	// The line of progress comes before it.
	if at := strings.Index(out, "{\n"); at < 0 || json.Unmarshal([]byte(out[at:]), &report) != nil {
		t.Fatalf("no report:\n%s", out)
	}
	for _, f := range report.Findings {
		t.Error(f)
	}
	return report
}

// TestEqualOnDemo: on the demonstration, the audit's figures are those of the
// API, of the pages and of the files, in whatever class.
func TestEqualOnDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	if _, err := (&demoCommand{Seed: 1}).make(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	_, site := siteOf(t, dir)
	sample, whole := auditedBy(t, site), auditedBy(t, site, "--thorough")
	if sample.Outcome != audit.Verified || whole.Outcome != audit.Verified || sample.Thorough || !whole.Thorough {
		t.Errorf("%s and %s", sample.Outcome, whole.Outcome)
	}
	for _, class := range audit.Classes {
		if sample.Compared[class].Figures == 0 || whole.Compared[class].Figures < sample.Compared[class].Figures {
			t.Errorf("%s: %+v of a sample, %+v of everything", class, sample.Compared[class], whole.Compared[class])
		}
	}
	t.Logf("sample %+v; everything %+v", sample.Compared, whole.Compared)
	for _, tag := range locale.Languages() {
		var out strings.Builder
		l := locale.Get(tag)
		if err := tellAudit(&out, l, whole); err != nil {
			t.Fatal(err)
		}
		for _, class := range audit.Classes {
			if !strings.Contains(out.String(), l.T("audit.class."+string(class))) {
				t.Errorf("%s: the report does not say what was compared of %s:\n%s", tag, class, out.String())
			}
		}
	}
}

// TestEqualOnRealConversations: figures that were computed from imported votes,
// their maps, and the files that hold the votes are equal, and what the site
// serves is what the source published.
func TestEqualOnRealConversations(t *testing.T) {
	found := realConversations(t)
	if testing.Short() {
		found = slices.DeleteFunc(found, func(dir string) bool {
			return filepath.Base(dir) != "vtaiwan.uberx" && filepath.Base(dir) != "london.youth.policing"
		})
	}
	for _, dir := range found {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			data, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
			mustImport(t, dir, data, "there")
			r, site := siteOf(t, data)
			report := auditedBy(t, site)
			if report.Outcome != audit.Verified || report.Compared[audit.ClassReleases].Answers < 3 {
				t.Errorf("%s: %+v", report.Outcome, report.Compared)
			}
			t.Logf("%d acts, %+v", report.Acts, report.Compared)
			sameCells(t, "as served", served(t, r, "there"), cells(t, dir))
			r.Close()
			if err := (&exportPolisCommand{place: place{Data: data}, Dialogue: "there", Dir: out}).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			sameFiles(t, out, dir)
		})
	}
}

// TestPublicVotesLies: where who voted what is public, anybody counts again.
func TestPublicVotesLies(t *testing.T) {
	found := realConversations(t)
	i := slices.IndexFunc(found, func(dir string) bool { return filepath.Base(dir) == "london.youth.policing" })
	if i < 0 {
		t.Fatal("the conversation is not there")
	}
	data := t.TempDir()
	mustImport(t, found[i], data, "there")
	r, site := siteOf(t, data)
	r.View(func(s *civic.State) {
		if len(s.Maps(s.DialogueBySlug("there").ID)) == 0 {
			t.Fatal("no map was published")
		}
	})
	for name, lie := range map[string]struct {
		path, pattern, to, figure string
	}{
		"a vote left out":        {"votes.csv", `\n[^\n]*\n$`, "\n", "votes.csv"},
		"a vote turned round":    {"votes.csv", `,agree,`, ",disagree,", "votes.csv"},
		"a vote twice":           {"votes.csv", `\n([^\n]*)\n$`, "\n$1\n$1\n", "votes.csv row"},
		"a tally changed":        {"tallies", `"agree":\d`, `"agree":9`, "tallies"},
		"a group of opinion":     {"map", `"size":\d`, `"size":9`, "map groups[0].size"},
		"what a map says unites": {"map", `"agree":\["[0-9a-z]+",?`, `"agree":[`, "map agree"},
	} {
		p := regexp.MustCompile(lie.pattern)
		lying := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path != "/api/v1/dialogues/there/"+lie.path {
				site.ServeHTTP(w, q)
				return
			}
			answer := httptest.NewRecorder()
			site.ServeHTTP(answer, q)
			w.Header().Set("Samleng-Position", answer.Header().Get("Samleng-Position"))
			body := answer.Body.String()
			if at := p.FindStringSubmatchIndex(body); at != nil {
				body = body[:at[0]] + string(p.ExpandString(nil, lie.to, body, at)) + body[at[1]:]
			}
			_, _ = w.Write([]byte(body))
		})
		server := httptest.NewServer(lying)
		source := audit.Site{Base: server.URL}
		report, err := audit.Run(t.Context(), audit.Config{Fetch: source.Fetch, API: source.API, Now: time.Now})
		server.Close()
		if err != nil || report.Outcome != audit.Wrong || report.Findings[0].Check != audit.CheckRelease || !strings.Contains(report.Findings[0].Figure, lie.figure) {
			t.Errorf("%s: %v: %s %v", name, err, report.Outcome, report.Findings)
		}
	}
}
