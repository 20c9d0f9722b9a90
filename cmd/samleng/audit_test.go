package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/audit"
	"samleng/civic"
	"samleng/internal/locale"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/translog"
)

// auditedSite serves a small register.
func auditedSite(t *testing.T) (*register.Register, string) {
	t.Helper()
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), testOrigin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := register.Open(t.Context(), register.Config{Store: store.Config{Dir: dir}, Keys: keys, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	declare := func(facts act.Facts, name string) {
		t.Helper()
		d := act.Draft{By: act.System, Facts: facts, Content: map[string]any{"names": &act.Names{Name: map[string]string{"en": name}}}}
		if _, err := r.Submit(t.Context(), civic.System, d, nil); err != nil {
			t.Fatal(err)
		}
	}
	declare(&act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"en"}, Threshold: 10, Rounding: 5, Step: 10}, "programme")
	for range 300 { // past the first bundle
		declare(&act.OrganisationRegistered{Type: "cso"}, "an organisation")
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	site, err := newSite(siteConfig{register: r, baseURL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return r, server.URL
}

// TestAuditCommand audits a site, goes on from what was seen, copies it, and
// audits the copy; then the copy is damaged.
func TestAuditCommand(t *testing.T) {
	r, base := auditedSite(t)
	seen := filepath.Join(t.TempDir(), "seen.json")
	status := func(c auditCommand) int {
		t.Helper()
		c.Lang, c.JSON = "en", true
		if err := c.Run(t.Context()); err != nil {
			code, is := err.(exitStatus)
			if !is {
				t.Fatal(err)
			}
			return int(code)
		}
		return 0
	}
	for range 2 { // the second time with what the first one saw
		if got := status(auditCommand{Source: base, Seen: seen}); got != 0 {
			t.Fatalf("exit status %d", got)
		}
	}
	kept, err := os.ReadFile(seen)
	if err != nil || !bytes.Contains(kept, []byte(r.VerifierKey())) || !bytes.Contains(kept, []byte(`"size": 301`)) {
		t.Errorf("%v: %s", err, kept)
	}
	dir := filepath.Join(t.TempDir(), "copy")
	if err := (&mirrorCommand{URL: base + "/log/", Dir: dir, Lang: "km"}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := status(auditCommand{Source: dir, Seen: seen}); got != 0 {
		t.Errorf("the copy: exit status %d", got)
	}
	pinned := filepath.Join(t.TempDir(), "pinned")
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(pinned, "# out of the minutes\n"+r.VerifierKey()+"\n301 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
	if got := status(auditCommand{Source: base, Pinned: pinned}); got != 1 {
		t.Errorf("another root on paper: exit status %d", got)
	}
	write(pinned, "301 short\n")
	if got := status(auditCommand{Source: base, Pinned: pinned}); got != 2 {
		t.Errorf("a root that is none: exit status %d", got)
	}
	signed, _, err := r.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	newest, err := translog.ReadForeign(signed)
	if err != nil {
		t.Fatal(err)
	}
	other := newest
	other.Root[0]++
	for _, c := range []struct {
		about, paper string
		status       int
	}{
		{"the checkpoint on paper", newest.Paper("2026-03-12"), 0},
		{"another root on paper, in its paper form", other.Paper("2026-03-12"), 1},
		{"a later size on paper", translog.Checkpoint{Size: newest.Size + 1}.Paper(""), 1},
		{"another log on paper", strings.Replace(newest.Paper(""), newest.Origin, "other.example", 1), 1},
		{"a mistyped paper", strings.Replace(newest.Paper(""), "301 - ", "310 - ", 1), 2},
	} {
		write(pinned, "# out of the minutes\n"+c.paper)
		if got := status(auditCommand{Source: base, Pinned: pinned}); got != c.status {
			t.Errorf("%s: exit status %d, want %d", c.about, got, c.status)
		}
	}
	tile := filepath.Join(dir, "tile", "entries", "000")
	content, err := os.ReadFile(tile)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2]++
	write(tile, string(content))
	if got := status(auditCommand{Source: dir}); got != 1 {
		t.Errorf("a damaged copy: exit status %d", got)
	}
	if got := status(auditCommand{Source: filepath.Join(dir, "nowhere")}); got != 2 {
		t.Errorf("no copy: exit status %d", got)
	}
}

// TestAuditCommandOnForbidden appends an act to the store below the rules, as an
// operator with the database could. The register serves it; the audit names it.
func TestAuditCommandOnForbidden(t *testing.T) {
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), testOrigin, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	config := register.Config{Store: store.Config{Dir: dir}, Keys: keys, Log: slog.New(slog.DiscardHandler)}
	r, err := register.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]any{"names": &act.Names{Name: map[string]string{"en": "a name"}}}
	for _, d := range []act.Draft{
		{By: act.System, Facts: &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh", Languages: []string{"en"}, Threshold: 10, Rounding: 5, Step: 10}, Content: names},
		{By: act.System, Facts: &act.OrganisationRegistered{Type: "cso"}, Content: names},
	} {
		if _, err := r.Submit(t.Context(), civic.System, d, nil); err != nil {
			t.Fatal(err)
		}
	}
	var at time.Time
	var org act.ID
	r.View(func(s *civic.State) { at, org = s.At(), s.Organisations()[0].ID })
	r.Close()
	appendBelow(t, config.Store, act.Draft{By: act.System, Of: org, Facts: &act.CompetenceDeclared{As: act.Decides, From: "2026-01-01"}}, at)
	if r, err = register.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	site, err := newSite(siteConfig{register: r, baseURL: "http://localhost"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	defer server.Close()
	source := audit.Site{Base: server.URL}
	report, err := audit.Run(t.Context(), audit.Config{Fetch: source.Fetch, API: source.API, Now: time.Now})
	if err != nil || report.Outcome != audit.Wrong || len(report.Findings) != 1 {
		t.Fatalf("%v: %+v", err, report)
	}
	f := report.Findings[0]
	if f.Check != audit.CheckForbidden || f.Position != 2 || f.Kind != "competence.declared" || f.Refusal != civic.RefusedNotAuthority {
		t.Errorf("found %v", f)
	}
	for _, tag := range locale.Languages() {
		var out bytes.Buffer
		l := locale.Get(tag)
		if err := tellAudit(&out, l, report); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"competence.declared", l.T(civic.RefusedNotAuthority), l.T("audit.outcome.wrong")} {
			if !strings.Contains(out.String(), word) {
				t.Errorf("%s: the report does not say %q:\n%s", tag, word, out.String())
			}
		}
	}
}

// appendBelow writes an act into a store without asking the rules.
func appendBelow(t *testing.T, where store.Config, d act.Draft, at time.Time) {
	t.Helper()
	id, err := act.NewID(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	made, err := act.New(d, id, at, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Append(t.Context(), func(tx *store.Tx) error {
		return tx.Append([]store.Entry{{ID: store.ID(id), Header: made.Leaf}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestVerifyCommand checks a receipt file, and one whose words were changed.
func TestVerifyCommand(t *testing.T) {
	r, _ := auditedSite(t)
	var org act.ID
	r.View(func(s *civic.State) { org = s.Organisations()[0].ID })
	receipt, err := r.ReceiptFile(t.Context(), civic.Actor{}, org)
	if err != nil {
		t.Fatal(err)
	}
	file, err := receipt.Encode()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	key := write("key", []byte(r.VerifierKey()+"\n"))
	other, _ := auditedSite(t)
	for name, c := range map[string]struct {
		receipt []byte
		key     string
		want    error
	}{
		"right":         {file, key, nil},
		"words changed": {bytes.Replace(file, []byte("an organisation"), []byte("an Organisation"), 1), key, exitStatus(1)},
		"cut short":     {file[:len(file)/2], key, exitStatus(1)},
		"another key":   {file, write("other", []byte(other.VerifierKey()+"\n")), exitStatus(1)},
		"no key":        {file, write("none", nil), exitStatus(2)},
	} {
		command := &verifyCommand{Receipt: write("receipt", c.receipt), Key: c.key, Lang: "en"}
		if err := command.Run(t.Context()); err != c.want {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestAuditWords: every check, reason and outcome has its words.
func TestAuditWords(t *testing.T) {
	l := locale.Get("en")
	var keys []string
	for _, c := range audit.Checks {
		keys = append(keys, "audit.check."+string(c))
	}
	for _, r := range audit.Reasons {
		keys = append(keys, "audit.unchecked."+string(r))
	}
	for _, c := range audit.Classes {
		keys = append(keys, "audit.class."+string(c))
	}
	for _, o := range []audit.Outcome{audit.Verified, audit.Wrong, audit.Unfinished} {
		keys = append(keys, "audit.outcome."+string(o))
	}
	for _, key := range keys {
		if !l.Has(key) {
			t.Errorf("no words for %s", key)
		}
	}
}

// TestSeenKeyBesideWitnesses: whoever knows witnesses by their keys still knows the
// log by the key that it had before. Without that a site could answer with another
// key from one audit to the next.
func TestSeenKeyBesideWitnesses(t *testing.T) {
	_, log, err := translog.GenerateKey(rand.Reader, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := translog.GenerateKey(rand.Reader, testOrigin)
	if err != nil {
		t.Fatal(err)
	}
	_, witness, err := translog.GenerateCosignerKey(rand.Reader, "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	seen := fmt.Appendf(nil, `{"origin":%q,"keys":[%q],"size":1,"root":%q}`, testOrigin, log, translog.Hash{}.String())
	for _, test := range []struct{ given, want []string }{
		{nil, []string{log}},
		{[]string{witness}, []string{witness, log}},
		{[]string{other, witness}, []string{other, witness}},
	} {
		config := audit.Config{Keys: test.given}
		if err := decodeSeen(seen, &config); err != nil || !slices.Equal(config.Keys, test.want) {
			t.Errorf("%v: with %v: %v", err, test.given, config.Keys)
		}
	}
}
