package api_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/api"
	"samleng/translog"
)

// TestWitnesses hands a checkpoint's cosignatures in, as a witness with a laptop
// does, and finds them with the checkpoint, in the month and in the list of
// witnesses.
func TestWitnesses(t *testing.T) {
	w := newWorld(t)
	var none api.Witnessing
	w.get(t, "/api/v1/witnesses").ok(200).into(&none)
	if none.Quorum != 0 || none.Kept || len(none.Witnesses) != 0 {
		t.Errorf("without a policy: %+v", none)
	}
	facts := &act.WitnessesDeclared{Quorum: 2}
	var secrets []string
	for _, kind := range []string{"cso", "donor"} {
		org := w.submit(t, civic.System, act.ID{}, &act.OrganisationRegistered{Type: kind}, names(kind, kind)).Act
		secret, key, err := translog.GenerateCosignerKey(rand.Reader, kind+".example")
		if err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, secret)
		facts.Witnesses = append(facts.Witnesses, act.Witness{Organisation: org, Key: key, Cadence: act.CadenceMonthly})
	}
	w.submit(t, civic.System, act.ID{}, facts, nil)
	if err := w.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	hand := func(body []byte) answer {
		t.Helper()
		return w.send(t, "POST", "/log/cosignatures", string(body), "Content-Type", "text/plain")
	}
	signed := w.get(t, "/log/checkpoint").ok(200).Body
	hand(signed).problem(422, "problem.cosignature")
	hand([]byte(strings.Repeat("a", translog.MaxCheckpoint+1))).problem(413, "problem.too_large")
	for _, secret := range secrets {
		signer, err := translog.NewCosigner(secret, w.Now)
		if err != nil {
			t.Fatal(err)
		}
		if signed, err = translog.Cosign(signed, signer); err != nil {
			t.Fatal(err)
		}
	}
	before := w.get(t, "/api/v1/witnesses").ok(200).Body
	hand(signed).ok(204)
	if served := w.get(t, "/log/checkpoint").ok(200).Body; !bytes.Equal(served, signed) {
		t.Errorf("served is\n%s, handed in was\n%s", served, signed)
	}
	var months, month []string
	if w.get(t, "/log/cosigned/index").ok(200).into(&months); len(months) != 1 || months[0] != "2026-11" {
		t.Errorf("months: %v", months)
	}
	w.get(t, "/log/cosigned/2026-11").ok(200).into(&month)
	if len(month) != 1 || month[0] != string(signed) {
		t.Errorf("of the month: %q", month)
	}
	for _, path := range []string{"2026-10", "2026-1", "november", "2026-11-01"} {
		w.get(t, "/log/cosigned/"+path).problem(404, "problem.not_found")
	}
	keys := strings.Fields(string(w.get(t, "/log/keys").ok(200).Body))
	if len(keys) != 3 || keys[0] != w.VerifierKey() || keys[1] != facts.Witnesses[1].Key {
		t.Errorf("keys: %v", keys)
	}
	var now api.Witnessing
	answered := w.get(t, "/api/v1/witnesses").ok(200)
	answered.into(&now)
	if bytes.Equal(before, answered.Body) || answered.Header.Get("ETag") != "" || !strings.Contains(answered.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("an old answer, or one that is kept: %v", answered.Header)
	}
	if !now.Kept || now.Size != w.Position() || now.Witnesses[0].Late || now.Witnesses[0].SignedAt == nil {
		t.Errorf("signed by both: %+v", now)
	}
	w.now = w.now.Add(40 * 24 * time.Hour)
	w.get(t, "/api/v1/witnesses").ok(200).into(&now)
	if now.Kept || !now.Witnesses[1].Late {
		t.Errorf("after forty days: %+v", now)
	}
}
