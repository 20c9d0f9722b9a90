package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/store"
	"samleng/internal/store/storetest"
	"samleng/translog"
)

// TestWitnessedRegister runs all that takes part as it is shipped: a server, a
// witness that is always on, one on a laptop, and a sceptic who audits.
func TestWitnessedRegister(t *testing.T) {
	storetest.Each(t, func(t *testing.T, config store.Config) {
		p := prepare(t, config)
		always := witnessing{Key: filepath.Join(t.TempDir(), "key"), Memory: filepath.Join(t.TempDir(), "memory"), Name: "witness.example/always"}
		monthly := witnessing{Key: filepath.Join(t.TempDir(), "key"), Memory: filepath.Join(t.TempDir(), "memory"), Name: "witness.example/laptop"}
		quorum := declareWitnesses(t, p, always, monthly)
		flags := func(w witnessing, command string, more ...string) []string {
			return append([]string{command, "--key", w.Key, "--memory", w.Memory, "--log", p.verifier}, more...)
		}
		w := launch(t, flags(always, "witness", "--addr", "127.0.0.1:0")...)
		server := p.serve(t, "--checkpoint", "20ms", "--witness", always.Name+"="+w.listens())
		base := server.listens()
		o := newOutsider(t, p.verifier)
		signedBy(t, o, base, quorum[:1])

		audited := func(want string) {
			t.Helper()
			out, err := run(t, "audit", base, "--lang", "en")
			if err != nil || !strings.Contains(out, want) {
				t.Errorf("%v\n%s", err, out)
			}
		}
		audited(monthly.Name + ": has signed nothing yet")
		if out, err := run(t, flags(monthly, "cosign", base)...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		signedBy(t, o, base, quorum)
		audited("entries are signed by enough of them")

		// A stranger's signature changes nothing.
		stranger := witnessing{Key: filepath.Join(t.TempDir(), "key"), Memory: filepath.Join(t.TempDir(), "memory")}
		out, err := run(t, flags(stranger, "cosign", "--name", "witness.example/stranger", base)...)
		if err == nil || !strings.Contains(out, "witness.example/stranger") {
			t.Errorf("%v\n%s", err, out)
		}
		audited("entries are signed by enough of them")
		server.terminate()
		w.terminate()
	})
}

// declareWitnesses makes the witnesses' keys and declares that both must sign.
func declareWitnesses(t *testing.T, p prepared, all ...witnessing) (keys []string) {
	t.Helper()
	r := p.open(t)
	defer r.Close()
	do := func(facts act.Facts, content map[string]any) act.ID {
		t.Helper()
		receipt, err := r.Submit(t.Context(), civic.System, act.Draft{By: act.System, Facts: facts, Content: content}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return receipt.Act
	}
	declared := &act.WitnessesDeclared{Quorum: 2}
	for i, c := range all {
		w, err := c.open(nil)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, w.VerifierKey())
		organisation := do(&act.OrganisationRegistered{Type: []string{"cso", "un_agency"}[i]}, map[string]any{"names": &act.Names{Name: map[string]string{"en": c.Name}}})
		declared.Witnesses = append(declared.Witnesses, act.Witness{Organisation: organisation, Key: w.VerifierKey(), Cadence: []string{act.CadenceAlways, act.CadenceMonthly}[i]})
	}
	do(declared, nil)
	return keys
}

// signedBy waits until the checkpoint of a site holds the signatures of
// witnesses.
func signedBy(t *testing.T, o *outsider, base string, keys []string) {
	t.Helper()
	verifiers := []note.Verifier{o.verifier}
	for _, key := range keys {
		verifiers = append(verifiers, verifierOf(t, key))
	}
	var signed []byte
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var err error
		if signed, err = o.fetch(t.Context(), base, "checkpoint"); err != nil {
			t.Fatal(err)
		}
		opened, err := translog.Open(signed, testOrigin, verifiers...)
		if err != nil {
			t.Fatal(err)
		}
		if len(opened.Cosignatures) == len(keys) {
			return
		}
	}
	t.Fatalf("not signed by %v:\n%s", keys, signed)
}
