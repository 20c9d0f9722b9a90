package main

import (
	"bytes"
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"samleng/act"
	"samleng/civic"
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
