package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
	"samleng/internal/store"
)

// TestRestoreFromServedLog makes a backup, lets the register go on, and
// restores the backup with what the real handler publishes.
func TestRestoreFromServedLog(t *testing.T) {
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	r, err := register.Open(t.Context(), register.Config{Store: store.Config{Dir: dir}, Keys: keys, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	declare := func(of act.ID, facts act.Facts, name string) act.ID {
		t.Helper()
		d := act.Draft{By: act.System, Of: of, Facts: facts}
		if name != "" {
			d.Content = map[string]any{"names": &act.Names{Name: map[string]string{"en": name}}}
		}
		receipt, err := r.Submit(t.Context(), civic.System, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		return receipt.Act
	}
	declare(act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"en"}, Threshold: 10, Rounding: 5, Step: 10}, "programme")
	var copied bytes.Buffer
	if _, err := r.Backup(t.Context(), &copied, register.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	var last act.ID
	for range 300 { // past the first bundle
		last = declare(act.ID{}, &act.OrganisationRegistered{Type: "cso"}, "an organisation")
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	site, err := newSite(siteConfig{register: r, baseURL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	defer server.Close()
	config := register.Config{Store: store.Config{Dir: t.TempDir()}, Keys: keys, Random: rand.Reader, Log: quiet}
	done, err := register.Restore(t.Context(), config, &copied, register.RestoreOptions{Mirror: mirrorAt(server.URL + "/log/")})
	if err != nil || done.Acts != 1 || done.FromMirror != 300 || done.Lost != 0 {
		t.Fatalf("restored %+v: %v", done, err)
	}
	again, err := register.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	again.View(func(s *civic.State) {
		if got := s.Names(last).Name["en"]; got != "an organisation" {
			t.Errorf("the last organisation is called %q after the restore", got)
		}
	})
}

// TestMirrorAgain: a copy that is brought up to date fetches what is new.
func TestMirrorAgain(t *testing.T) {
	r, base := auditedSite(t)
	target, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	fetched := map[string]int64{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(response *http.Response) error {
		if path := response.Request.URL.Path; strings.HasPrefix(path, "/log/sections/") || strings.HasPrefix(path, "/log/tile/") {
			content, err := io.ReadAll(response.Body)
			fetched[path] += int64(len(content))
			response.Body = io.NopCloser(bytes.NewReader(content))
			return err
		}
		return nil
	}
	var lock sync.Mutex
	counted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	defer counted.Close()
	dir := filepath.Join(t.TempDir(), "copy")
	mirror(t, counted.URL, dir)
	if fetched["/log/sections/0"] == 0 || fetched["/log/sections/1"] == 0 || fetched["/log/tile/entries/000"] == 0 {
		t.Fatalf("the first run fetched %v", fetched)
	}
	grow(t, r)
	clear(fetched)
	mirror(t, counted.URL, dir)
	if fetched["/log/sections/0"] != 0 || fetched["/log/tile/entries/000"] != 0 || fetched["/log/sections/1"] == 0 {
		t.Errorf("the second run fetched %v", fetched)
	}
	// A copy that was changed is put right.
	damaged := filepath.Join(dir, "sections", "0")
	whole, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(damaged, bytes.Replace(whole, []byte("an organisation"), []byte("no organisation"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	mirror(t, counted.URL, dir)
	if again, err := os.ReadFile(damaged); err != nil || !bytes.Equal(again, whole) {
		t.Errorf("%v: the copy was not put right", err)
	}
}

// TestNoAddress: what is no address is told, with nothing made for it.
func TestNoAddress(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"mirror", "example.org", filepath.Join(dir, "copy")},
		{"cosign", "example.org", "--key", filepath.Join(dir, "key"), "--memory", filepath.Join(dir, "memory"), "--name", "witness.example/w"},
	} {
		out, err := run(t, append(args, "--lang", "km")...)
		exit, is := errors.AsType[*exec.ExitError](err)
		if !is || exit.ExitCode() != 2 || !strings.Contains(out, locale.Get("km").T("command.address", "address", "example.org", "scheme", scheme)) {
			t.Errorf("%s: %v\n%s", args[0], err, out)
		}
	}
	if made, err := os.ReadDir(dir); err != nil || len(made) != 0 {
		t.Errorf("%v %v", made, err)
	}
}
