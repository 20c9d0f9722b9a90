package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
	"samleng/translog"
)

// copiedDemo serves the illustrative programme and mirrors it.
func copiedDemo(t *testing.T) (r *register.Register, original http.Handler, base, dir string) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if _, err := (&demoCommand{Seed: 1}).make(t.Context(), data); err != nil {
		t.Fatal(err)
	}
	where := place{Data: data}
	r, err := where.openWith(t.Context(), register.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	accounts, err := openAccounts(r, testBase)
	if err != nil {
		t.Fatal(err)
	}
	files, err := where.openFiles("")
	if err != nil {
		t.Fatal(err)
	}
	if original, err = newSite(siteConfig{register: r, accounts: accounts, baseURL: testBase, files: files}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(original)
	t.Cleanup(server.Close)
	dir = filepath.Join(t.TempDir(), "copy")
	mirror(t, server.URL, dir)
	return r, original, server.URL, dir
}

// testBase is the address that original and copy say is theirs, so that their
// pages can be compared.
const testBase = "https://register.example"

func mirror(t *testing.T, base, dir string) {
	t.Helper()
	if err := (&mirrorCommand{URL: base, Dir: dir, Lang: "en"}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// openCopy opens a copy as the command does.
func openCopy(t *testing.T, dir, original string) *copySite {
	t.Helper()
	s := &copySite{command: &siteCommand{Dir: dir, Original: original, Lang: "en"}, dir: dir, base: testBase}
	s.looked = s.stamp()
	known, err := s.command.known(dir)
	if err != nil {
		t.Fatal(err)
	}
	first, err := s.open(t.Context(), known)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.show(first); err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// What a page of a copy has that the original's has not, and the other way round:
// the banner, and what leads to what only the original can do.
var onlyOneHas = []*regexp.Regexp{
	regexp.MustCompile(`(?s)<aside class="banner copy".*?</aside>\n`),
	regexp.MustCompile(`<a href="/receipt"[^>]*>[^<]*</a>\n?`),
	regexp.MustCompile(` · <a href="/signin">[^<]*</a>`),
	regexp.MustCompile(` · (This is a copy, for reading only|នេះជាច្បាប់ចម្លងសម្រាប់អានប៉ុណ្ណោះ)`),
	regexp.MustCompile(`<p><a class="button( big)?( plain)?" href="/d/[^"/]*/(take-part|map/me)">[^<]*</a></p>\n?`),
	regexp.MustCompile(`<p class="notice">[^<]* <a href="/d/[^"/]*/take-part">[^<]*</a></p>\n?`),
	regexp.MustCompile(`<h2 id="open">[^<]*</h2>`),
}

// offersPart reports whether a page says that one can take part here.
func offersPart(body string) bool {
	return slices.ContainsFunc(locale.Languages(), func(tag string) bool { return strings.Contains(body, locale.Get(tag).T("web.home.open")) })
}

func common(body string) string {
	for _, only := range onlyOneHas {
		body = only.ReplaceAllString(body, "")
	}
	return body
}

var linked = regexp.MustCompile(`(?:href|action|src)="(/[^"#]*)`)

// kindOf tells pages of one kind by the parts of their address that are no names.
func kindOf(path string) string {
	parts := strings.Split(strings.SplitN(path, "?", 2)[0], "/")[1:]
	if slices.Contains([]string{"d", "v", "n", "c", "a", "entry", "file"}, parts[0]) && len(parts) > 1 {
		parts[1] = "*"
	}
	if parts[0] == "file" {
		parts = parts[:1]
	}
	return "/" + strings.Join(parts, "/")
}

// isOwn says that only the original has a page.
func isOwn(kind string) bool {
	return slices.Contains([]string{"/d/*/take-part", "/d/*/map/me", "/receipt", "/signin", "/mine"}, kind)
}

// TestCopyShowsWhatTheOriginalShows follows the links of the original, and holds
// every page, file and answer of the copy to the original's.
func TestCopyShowsWhatTheOriginalShows(t *testing.T) {
	r, original, _, dir := copiedDemo(t)
	site := openCopy(t, dir, "https://original.example")
	const most = 25 // pages of a kind
	kinds, queue, seen := map[string]int{}, []string{"/"}, map[string]bool{}
	for _, file := range []string{"data/views.csv", "data/commitments.csv", "data/answers.csv", "data/overdue.csv",
		"feeds/views.atom", "feeds/commitments.atom", "feeds/answers.atom", "feeds/overdue.atom", "calendar.ics", "overdue", "entry/0"} {
		queue = append(queue, "/"+file, "/"+file+"?lang=km")
	}
	yesterday := time.Now().AddDate(0, 0, -2).Format(time.DateOnly)
	queue = append(queue, "/?on="+yesterday, "/commitments?on="+yesterday, "/overdue?on="+yesterday+"&lang=km")
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		kind := kindOf(path)
		if seen[path] || isOwn(kind) || strings.HasPrefix(kind, "/static/") || kinds[kind] >= most {
			continue
		}
		seen[path] = true
		kinds[kind]++
		want, got := ask(original, path), ask(site, path)
		if want.Code != http.StatusOK || got.Code != want.Code {
			t.Errorf("%s: the original answers %d, the copy %d", path, want.Code, got.Code)
			continue
		}
		if len(got.Header().Values("Set-Cookie")) > 0 {
			t.Errorf("%s: the copy sets a cookie", path)
		}
		theirs, ours := want.Body.String(), got.Body.String()
		isPage := strings.HasPrefix(got.Header().Get("Content-Type"), "text/html")
		if isPage {
			if !strings.Contains(ours, `class="banner copy"`) || strings.Contains(ours, `method="post"`) || offersPart(ours) {
				t.Errorf("%s: the copy does not say that it is one, or has a form to send, or asks people to take part", path)
			}
			theirs, ours = common(theirs), common(ours)
			for _, link := range linked.FindAllStringSubmatch(theirs, -1) {
				queue = append(queue, strings.ReplaceAll(link[1], "&amp;", "&"))
			}
		}
		if theirs != ours {
			t.Errorf("%s: %s", path, firstDifference(theirs, ours))
		}
	}
	for _, kind := range []string{"/", "/about", "/dialogues", "/d/*", "/d/*/statements", "/d/*/map", "/d/*/map/views", "/d/*/needs", "/v/*", "/n/*", "/c/*", "/a/*",
		"/authorities", "/commitments", "/overdue", "/withheld", "/verify", "/witnesses", "/entry/*", "/file", "/calendar.ics"} {
		if kinds[kind] == 0 {
			t.Errorf("no page of the kind %s was compared", kind)
		}
	}
	sameAnswers(t, r, original, site)
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d of the original:\n%.600s\nof the copy:\n%.600s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines and %d", len(a), len(b))
}

// sameAnswers compares what programs read: the API and the log.
func sameAnswers(t *testing.T, r *register.Register, original, site http.Handler) {
	t.Helper()
	paths := []string{"programme", "dialogues", "balance", "needs", "authorities", "commitments"}
	r.View(func(s *civic.State) {
		for _, d := range s.Dialogues() {
			slug := url.PathEscape(d.Slug)
			paths = append(paths, "dialogues/"+slug, "dialogues/"+slug+"/statements", "balance?dialogue="+slug)
		}
		for i, v := range s.Statements() {
			if i%40 == 0 {
				paths = append(paths, "statements/"+string(s.Code(v.ID)), "receipts/"+v.ID.String())
			}
		}
		for _, n := range s.Organisations() {
			if n.Authority {
				paths = append(paths, "authorities/"+n.ID.String())
			}
		}
	})
	for i, path := range paths {
		paths[i] = "/api/v1/" + path
	}
	paths = append(paths, "/log/checkpoint", "/log/key", "/log/tile/entries/000", "/log/tile/entries/001.p/7", "/log/tile/0/000", "/log/tile/0/003.p/100", "/log/tile/1/000.p/5", "/log/sections/0", "/log/sections/3")
	for _, path := range paths {
		want, got := ask(original, path), ask(site, path)
		if want.Code != http.StatusOK || got.Code != want.Code || !bytes.Equal(want.Body.Bytes(), got.Body.Bytes()) {
			t.Errorf("%s: the original answers %d, the copy %d: %s", path, want.Code, got.Code, firstDifference(want.Body.String(), got.Body.String()))
		}
		for _, name := range []string{"Cache-Control", "Content-Type"} {
			if a, b := want.Header().Get(name), got.Header().Get(name); a != b {
				t.Errorf("%s: %s %q of the original, %q of the copy", path, name, a, b)
			}
		}
	}
}

// TestCopyIsAudited audits a copy that is served as a site of its own, and finds
// no way to send it anything.
func TestCopyIsAudited(t *testing.T) {
	r, _, base, dir := copiedDemo(t)
	site := openCopy(t, dir, "")
	server := httptest.NewServer(site)
	defer server.Close()
	source := audit.Site{Base: server.URL}
	report, err := audit.Run(t.Context(), audit.Config{Fetch: source.Fetch, API: source.API, Now: time.Now})
	if err != nil || report.Outcome != audit.Verified || report.Figures < 20 || report.Size != r.Position() {
		t.Errorf("%v: %+v", err, report)
	}
	for _, path := range []string{"/receipt", "/signin", "/d/national-forum/take-part", "/desk/cases", "/", "/api/v1/receipts", "/log/checkpoint"} {
		w := httptest.NewRecorder()
		site.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader("code=KH-0000-0000-0")))
		if w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	again := filepath.Join(t.TempDir(), "again")
	mirror(t, server.URL, again) // a copy of the copy
	copied := openCopy(t, again, "")
	if copied.shown.At() != site.shown.At() {
		t.Errorf("the copy of the copy is at %v, not %v", copied.shown.At(), site.shown.At())
	}
	follows(t, r, site, base, dir)
}

// follows lets the register go on: the copy shows what is new once it verifies,
// and what it had where it does not.
func follows(t *testing.T, r *register.Register, site *copySite, base, dir string) {
	t.Helper()
	more := func() {
		t.Helper()
		d := act.Draft{By: act.System, Facts: &act.OrganisationRegistered{Type: "cso"}, Content: map[string]any{"names": &act.Names{Name: map[string]string{"en": "a newcomer"}}}}
		if _, err := r.Submit(t.Context(), civic.System, d, nil); err != nil {
			t.Fatal(err)
		}
		if err := r.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	before := site.shown.Position()
	more()
	mirror(t, base, dir)
	site.refresh(t.Context())
	if about := ask(site, "/about?lang=en").Body.String(); site.shown.Position() != before+1 || !strings.Contains(about, "a newcomer") {
		t.Fatalf("the copy stays at %d", site.shown.Position())
	}
	kept := map[string][]byte{}
	for _, name := range []string{"checkpoint", seenName} {
		kept[name], _ = os.ReadFile(filepath.Join(dir, name))
	}
	more()
	mirror(t, base, dir)
	newest, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Replace(newest, []byte("\n\n"), []byte("x\n\n"), 1)
	outdated := locale.Get("en").T("web.copy.outdated")
	for name, content := range map[string][]byte{"another root": damaged, "nothing": nil, "an old one after a newer": kept["checkpoint"]} {
		write(t, filepath.Join(dir, "checkpoint"), newest)
		touch(t, filepath.Join(dir, "checkpoint"), 1)
		site.refresh(t.Context())
		if site.shown.Position() != before+2 || site.shown.Fault() != nil {
			t.Fatalf("%s: after a good one, at %d: %v", name, site.shown.Position(), site.shown.Fault())
		}
		write(t, filepath.Join(dir, "checkpoint"), content)
		touch(t, filepath.Join(dir, "checkpoint"), 2)
		site.refresh(t.Context())
		page := ask(site, "/?lang=en")
		if site.shown.Position() != before+2 || page.Code != 200 || !strings.Contains(page.Body.String(), outdated) {
			t.Errorf("%s: at %d, or the page does not say it", name, site.shown.Position())
		}
		if got := ask(site, "/healthz").Code; got != http.StatusServiceUnavailable {
			t.Errorf("%s: healthz says %d", name, got)
		}
	}
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// touch sets when a file was written, so that two writings within one tick of
// the file system's clock are two.
func touch(t *testing.T, name string, n int) {
	t.Helper()
	at := time.Now().Add(time.Duration(n) * time.Minute)
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
}

// TestDamagedCopyIsRefused changes copies in every way and finds that none of
// them is served.
func TestDamagedCopyIsRefused(t *testing.T) {
	_, _, _, dir := copiedDemo(t)
	flip := func(content []byte, at int) []byte {
		content = bytes.Clone(content)
		content[at] ^= 1
		return content
	}
	_, otherKey, err := translog.GenerateKey(rand.Reader, demoOrigin)
	if err != nil {
		t.Fatal(err)
	}
	damage := map[string]struct {
		file   string
		change func([]byte) []byte // nil removes the file
	}{
		"a byte of an entry":       {"tile/entries/002", func(b []byte) []byte { return flip(b, len(b)/2) }},
		"a byte of a hash":         {"tile/0/001", func(b []byte) []byte { return flip(b, 40) }},
		"a bundle is missing":      {"tile/entries/001", nil},
		"a tile is cut":            {"tile/0/000", func(b []byte) []byte { return b[:len(b)-1] }},
		"the words of a section":   {"sections/0", func(b []byte) []byte { return bytes.Replace(b, []byte("Phnom Penh"), []byte("Phnom Pemh"), 1) }},
		"sections are missing":     {"sections/0", nil},
		"a byte of the checkpoint": {"checkpoint", func(b []byte) []byte { return flip(b, len(b)-10) }},
		"no checkpoint":            {"checkpoint", nil},
		"another key":              {"key", func([]byte) []byte { return []byte(otherKey + "\n") }},
		"another key was seen": {seenName, func(b []byte) []byte {
			return regexp.MustCompile(`"demo[^"]*\+[^"]*"`).ReplaceAll(b, []byte(`"`+otherKey+`"`))
		}},
		"a larger one was seen": {seenName, func(b []byte) []byte { return bytes.Replace(b, []byte(`"size": `), []byte(`"size": 9`), 1) }},
	}
	for name, d := range damage {
		t.Run(name, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "copy")
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(copied, filepath.FromSlash(d.file))
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d.change == nil {
				err = os.Remove(file)
			} else {
				changed := d.change(content)
				if bytes.Equal(changed, content) {
					t.Fatal("nothing was changed")
				}
				write(t, file, changed)
			}
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			err = (&siteCommand{Dir: copied, listening: listening{Addr: "127.0.0.1:0"}, Look: time.Hour, Lang: "en"}).Run(ctx)
			if status, refused := errors.AsType[exitStatus](err); !refused || status == 0 {
				t.Errorf("it was served: %v", err)
			}
		})
	}
}

// TestCopyChangedBeneath changes a copy's files while it is served: what does not
// verify any more is not shown in place of what did.
func TestCopyChangedBeneath(t *testing.T) {
	r, _, _, dir := copiedDemo(t)
	site := openCopy(t, dir, "")
	var view act.ID
	var code act.Code
	r.View(func(s *civic.State) {
		for _, v := range s.Statements() {
			if v.Shown() && v.Text == v.ID {
				view, code = v.ID, s.Code(v.ID)
				break
			}
		}
	})
	words, err := r.Text(t.Context(), civic.Actor{}, view, "text")
	if err != nil {
		t.Fatal(err)
	}
	position, err := r.Locate(t.Context(), view)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "sections", fmt.Sprint(position/translog.TileWidth))
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(content, []byte(words), []byte("!"+words), 1)
	if bytes.Equal(changed, content) {
		t.Fatal("nothing was changed")
	}
	write(t, name, changed)
	if w := ask(site, "/v/"+string(code)); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "!"+words) {
		t.Errorf("changed words: %d", w.Code)
	}
	write(t, name, content)
	if w := ask(site, "/v/"+string(code)); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), words[:10]) {
		t.Errorf("the words again: %d", w.Code)
	}
	name = filepath.Join(dir, "tile", "entries", "002")
	if content, err = os.ReadFile(name); err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	write(t, name, content)
	for _, path := range []string{"/entry/600", "/log/tile/entries/002"} {
		if w := ask(site, path); w.Code != http.StatusInternalServerError {
			t.Errorf("%s of a damaged bundle: %d", path, w.Code)
		}
	}
}
