package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/internal/locale"
)

// written is what a command writes while somebody waits for it.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) wait(t *testing.T, words string) {
	t.Helper()
	for range 500 {
		w.mu.Lock()
		has := strings.Contains(w.text.String(), words)
		w.mu.Unlock()
		if has {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("it does not say %q: %s", words, w.text.String())
}

// TestFollow stays with a register that grows, and ends when it lies.
func TestFollow(t *testing.T) {
	r, base := auditedSite(t)
	behind, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	var lies atomic.Bool
	proxy := httputil.NewSingleHostReverseProxy(behind)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if lies.Load() && strings.HasPrefix(q.URL.Path, "/log/sections/") {
			http.NotFound(w, q)
			return
		}
		proxy.ServeHTTP(w, q)
	}))
	defer server.Close()
	begin := func(ctx context.Context) (*written, chan error) {
		out, ended := new(written), make(chan error, 1)
		c := &auditCommand{Source: server.URL, Lang: "en", Follow: 10 * time.Millisecond, Seen: filepath.Join(t.TempDir(), "seen")}
		go func() { ended <- c.run(ctx, out) }()
		out.wait(t, "All verified")
		return out, ended
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, ended := begin(ctx)
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended where all is verified: %v", err)
	}
	out, ended := begin(t.Context())
	d := act.Draft{By: act.System, Facts: &act.OrganisationRegistered{Type: "cso"}, Content: map[string]any{"names": &act.Names{Name: map[string]string{"en": "one more"}}}}
	if _, err := r.Submit(t.Context(), civic.System, d, nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	out.wait(t, "302 entries, 1 new. All verified")
	lies.Store(true)
	if err := <-ended; err != exitStatus(1) {
		t.Errorf("ended with %v", err)
	}
	// Between the act and its checkpoint there may have been an outcome more.
	told := out.text.String()
	if strings.Count(told, "entries, 1 new") != 1 || !strings.Contains(told, locale.Get("en").T("audit.outcome.wrong")) {
		t.Errorf("told:\n%s", told)
	}
}

// TestAuditOfNoRegister gives the command what is no register: it says what
// happened, and what to do.
func TestAuditOfNoRegister(t *testing.T) {
	answering := func(answer string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(answer)) }))
		t.Cleanup(server.Close)
		return server.URL
	}
	nowhere := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nowhere.Close)
	away := httptest.NewServer(http.RedirectHandler("http://localhost:1/other", http.StatusMovedPermanently))
	t.Cleanup(away.Close)
	_, site := auditedSite(t)
	other, _ := auditedSite(t)
	pinned := filepath.Join(t.TempDir(), "pinned")
	strange := t.TempDir()
	for name, content := range map[string]string{pinned: other.VerifierKey() + "\n", filepath.Join(strange, "notes.txt"): "notes"} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	notFile := t.TempDir()
	if err := os.MkdirAll(filepath.Join(notFile, "key"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		source string
		pinned string
		status int
		advice string
		words  string
	}{
		{"a page", answering("<!DOCTYPE html><title>Ministry</title>"), "", 1, "audit.advice.address", ""},
		{"an API", answering(`{"ok":true}`), "", 1, "audit.advice.address", ""},
		{"nothing", answering(""), "", 1, "audit.advice.address", ""},
		{"bytes that are no text", answering("\xff\xfe\x00"), "", 1, "audit.advice.address", ""},
		{"an address with nothing there", nowhere.URL, "", 2, "audit.stopped.nothing", ""},
		{"an address that sends on", away.URL, "", 2, "audit.stopped.elsewhere", "http://localhost:1"},
		{"a page, and a key is known", answering("<!DOCTYPE html>"), pinned, 1, "audit.advice.address", ""},
		{"another key of the same name", site, pinned, 1, "audit.advice.key", ""},
		{"a folder with something else", strange, "", 2, "audit.stopped.nothing", ""},
		{"no folder", filepath.Join(strange, "none"), "", 2, "audit.stopped.nothing", ""},
		{"a folder whose key is a folder", notFile, "", 2, "audit.stopped.server", ""},
	} {
		for _, tag := range locale.Languages() {
			var out bytes.Buffer
			command := &auditCommand{Source: c.source, Pinned: c.pinned, Lang: tag}
			if err := command.run(t.Context(), &out); err != exitStatus(c.status) {
				t.Errorf("%s: %v, want %d", c.name, err, c.status)
			}
			if told := out.String(); !strings.Contains(told, locale.Get(tag).T(c.advice, "command", copyWith, "scheme", scheme, "path", "/log/checkpoint")) || !strings.Contains(told, c.words) ||
				strings.Contains(told, "audit.") || !strings.Contains(strings.ToValidUTF8(told, "\x00"), told) {
				t.Errorf("%s, %s: %s", c.name, tag, told)
			}
		}
	}
}

// TestAdvice: whatever is found, what to do is said.
func TestAdvice(t *testing.T) {
	for _, tag := range locale.Languages() {
		l := locale.Get(tag)
		for _, check := range audit.Checks {
			if _, has := advised[check]; !has {
				t.Errorf("no advice on %s", check)
			}
			for _, advice := range adviceOn(audit.Report{Findings: []audit.Finding{{Check: check}}}) {
				if !l.Has("audit.advice." + advice) {
					t.Errorf("%s: no words for %s", tag, advice)
				}
			}
		}
		for _, stop := range audit.Stops {
			if !l.Has("audit.stopped." + string(stop)) {
				t.Errorf("%s: no words for %s", tag, stop)
			}
		}
	}
}
