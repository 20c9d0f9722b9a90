package register_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/translog"
)

// witnessing is a register whose log is witnessed: two witnesses are always on,
// one signs once a month.
type witnessing struct {
	t testing.TB
	engine
	*register.Register
	now      time.Time
	dialogue act.ID
	orgs     []act.ID
	secrets  []string // of the witnesses
	keys     []string
}

func newWitnessing(t testing.TB, e engine) *witnessing {
	w := &witnessing{t: t, engine: e, now: time.Date(2026, 3, 9, 3, 20, 0, 0, time.UTC)}
	w.open()
	w.dialogue = begin(t, w.Register)
	facts := &act.WitnessesDeclared{Quorum: 2}
	for _, member := range []struct{ kind, cadence string }{{"cso_coalition", act.CadenceAlways}, {"donor", act.CadenceAlways}, {"un_agency", act.CadenceMonthly}} {
		org := submit(t, w.Register, civic.System, act.ID{}, &act.OrganisationRegistered{Type: member.kind}, names(member.kind)).Act
		secret, key, err := translog.GenerateCosignerKey(rand.Reader, member.kind+".example")
		if err != nil {
			t.Fatal(err)
		}
		w.orgs, w.secrets, w.keys = append(w.orgs, org), append(w.secrets, secret), append(w.keys, key)
		facts.Witnesses = append(facts.Witnesses, act.Witness{Organisation: org, Key: key, Cadence: member.cadence})
	}
	w.publish() // before there are witnesses
	submit(t, w.Register, civic.System, act.ID{}, facts, nil)
	return w
}

func (w *witnessing) open() {
	w.t.Helper()
	var err error
	w.Register, err = register.Open(w.t.Context(), register.Config{Store: w.store, Keys: w.engine.keys, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.Fault() != nil {
		w.t.Fatal(w.Fault())
	}
	w.t.Cleanup(func() { w.Register.Close() })
}

func (w *witnessing) publish() {
	w.t.Helper()
	if err := w.Publish(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// published gives the size of the published checkpoint and who cosigned it.
func (w *witnessing) published() (int64, []string) {
	w.t.Helper()
	signed, size, err := w.Checkpoint(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var verifiers []note.Verifier
	for _, key := range append(w.VerifierKeys(), w.keys...) {
		v, err := translog.NewVerifier(key)
		if err != nil {
			w.t.Fatal(err)
		}
		verifiers = append(verifiers, v)
	}
	opened, err := translog.Open(signed, w.Origin(), verifiers...)
	if err != nil {
		w.t.Fatal(err)
	}
	var by []string
	for _, c := range opened.Cosignatures {
		by = append(by, c.Name)
	}
	return size, by
}

// newest gives the newest signed checkpoint, with the signatures of witnesses.
func (w *witnessing) newest(at time.Time, by ...int) []byte {
	w.t.Helper()
	signed, _, err := w.Newest(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return cosign(w.t, signed, at, w.secrets, by...)
}

func cosign(t testing.TB, signed []byte, at time.Time, secrets []string, by ...int) []byte {
	t.Helper()
	for _, i := range by {
		signer, err := translog.NewCosigner(secrets[i], func() time.Time { return at })
		if err != nil {
			t.Fatal(err)
		}
		if signed, err = translog.Cosign(signed, signer); err != nil {
			t.Fatal(err)
		}
	}
	return signed
}

func (w *witnessing) hand(signed []byte) int {
	w.t.Helper()
	n, err := w.AddCosignatures(w.t.Context(), signed)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestCheckpointWaitsForWitnesses: what was signed is published with the quorum,
// and after ten minutes without it all the same.
func TestCheckpointWaitsForWitnesses(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		w := newWitnessing(t, e)
		before, _ := w.published()
		w.publish()
		if size, _ := w.published(); size != before {
			t.Fatalf("published %d acts before anybody witnessed them", size)
		}
		if n := w.hand(w.newest(w.now, 0)); n != 1 {
			t.Errorf("%d new cosignatures", n)
		}
		if size, _ := w.published(); size != before {
			t.Fatalf("published %d acts with one witness of two", size)
		}
		w.hand(w.newest(w.now, 1))
		size, by := w.published()
		if size != w.Position() || len(by) != 2 {
			t.Fatalf("with both witnesses %d acts are published, signed by %v", size, by)
		}
		// One that signs late is added to what is published.
		w.hand(w.newest(w.now.Add(time.Minute), 2))
		if _, by = w.published(); len(by) != 3 {
			t.Errorf("signed by %v", by)
		}
		if n := w.hand(w.newest(w.now.Add(time.Minute), 2)); n != 0 {
			t.Errorf("the same again counts as %d", n)
		}

		// Nobody signs: nine minutes nothing, nothing newer is signed meanwhile.
		putViews(t, w.Register, w.dialogue, 1)
		w.publish()
		waits, waiting, _ := w.Newest(t.Context())
		putViews(t, w.Register, w.dialogue, 1)
		w.now = w.now.Add(9 * time.Minute)
		w.publish()
		if now, size, _ := w.Newest(t.Context()); size != waiting || !bytes.Equal(now, waits) {
			t.Errorf("%d acts were signed while %d wait", size, waiting)
		}
		if now, _ := w.published(); now != size {
			t.Errorf("%d acts published after nine minutes", now)
		}
		w.now = w.now.Add(time.Minute)
		w.publish()
		if now, by := w.published(); now != waiting || len(by) != 0 {
			t.Errorf("after ten minutes %d acts are published, signed by %v; %d were signed", now, by, waiting)
		}
		w.publish()
		if _, newest, _ := w.Newest(t.Context()); newest != w.Position() {
			t.Errorf("then %d acts are signed", newest)
		}

		// A process that starts publishes what was published, and waits anew.
		w.Register.Close()
		w.open()
		if now, _ := w.published(); now != waiting {
			t.Errorf("after a start %d acts are published, before %d", now, waiting)
		}
		w.hand(w.newest(w.now, 0, 1))
		if now, by := w.published(); now != w.Position() || len(by) != 2 {
			t.Errorf("then %d acts, signed by %v", now, by)
		}
		w.Register.Close()
		w.open()
		if now, by := w.published(); now != w.Position() || len(by) != 2 {
			t.Errorf("after a start %d acts, signed by %v", now, by)
		}
	})
}

// TestCosignaturesHandedIn: only what a witness in force has signed of this log,
// at a moment that can be.
func TestCosignaturesHandedIn(t *testing.T) {
	w := newWitnessing(t, sqlite(t))
	w.publish()
	signed, size, err := w.Newest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stranger, _, _ := translog.GenerateCosignerKey(rand.Reader, "stranger.example")
	log, err := translog.NewSigner(w.engine.keys.Log)
	if err != nil {
		t.Fatal(err)
	}
	fork, err := translog.Sign(translog.Checkpoint{Origin: w.Origin(), Size: size, Root: translog.Hash{1}}, log)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := translog.Sign(translog.Checkpoint{Origin: w.Origin(), Size: size - 1, Root: translog.Hash{1}}, log)
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Replace(w.newest(w.now, 0), []byte("cso_coalition.example "), []byte("cso_coalition.example A"), 1)
	for name, c := range map[string]struct {
		signed []byte
		want   error
	}{
		"no cosignature":               {signed, register.ErrCosignatures},
		"a stranger's":                 {cosign(t, signed, w.now, []string{stranger}, 0), register.ErrCosignatures},
		"one that does not verify":     {broken, register.ErrCosignatures},
		"nothing":                      {nil, register.ErrCosignatures},
		"another root of that size":    {cosign(t, fork, w.now, w.secrets, 0), register.ErrNotSigned},
		"a size that was never signed": {cosign(t, elsewhere, w.now, w.secrets, 0), register.ErrNotSigned},
		"in the future":                {w.newest(w.now.Add(time.Hour), 0), register.ErrWitnessClock},
		"before the acts it is about":  {w.newest(w.now.Add(-2*time.Hour), 0), register.ErrWitnessClock},
	} {
		if _, err := w.AddCosignatures(t.Context(), c.signed); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A checkpoint that was left behind hours ago.
	w.hand(w.newest(w.now, 0, 1))
	w.now = w.now.Add(time.Hour)
	putViews(t, w.Register, w.dialogue, 1)
	w.now = w.now.Add(3 * time.Hour)
	if _, err := w.AddCosignatures(t.Context(), cosign(t, signed, w.now, w.secrets, 2)); !errors.Is(err, register.ErrWitnessClock) {
		t.Errorf("long after the next act: %v", err)
	}
	cosigned, err := w.Cosigned(t.Context())
	if err != nil || len(cosigned) != 2 || cosigned[0].Size != size {
		t.Errorf("%+v, %v", cosigned, err)
	}
	month, err := w.CosignedMonth(t.Context(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || len(month) != 1 || bytes.Count(month[0], []byte("\u2014")) != 3 {
		t.Errorf("of the month: %q, %v", month, err)
	}
	if none, err := w.CosignedMonth(t.Context(), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)); err != nil || len(none) != 0 {
		t.Errorf("of the next month: %q, %v", none, err)
	}
	// How it stands: one hour later both are in time; a day later they are late.
	var now, later *civic.Witnessing
	w.View(func(s *civic.State) {
		now, later = s.Witnessing(cosigned, w.now.Add(-2*time.Hour)), s.Witnessing(cosigned, w.now.Add(24*time.Hour))
	})
	if !now.Kept || now.Size != size || now.Witnesses[2].Last.Size != 0 || later.Kept || !later.Witnesses[0].Late || later.Witnesses[2].Late {
		t.Errorf("now %+v, later %+v", now, later)
	}
}

// TestLogKeyChanges: after a change the new key signs, and the old one as long
// as it is kept; a register goes on under the new key alone.
func TestLogKeyChanges(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		dialogue := begin(t, r)
		if err := r.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		old := r.VerifierKey()
		fresh, err := r.ChangeLogKey(t.Context())
		if err != nil || fresh == old || r.VerifierKey() != fresh || len(r.VerifierKeys()) != 2 {
			t.Fatalf("from %s to %s (%v): %v", old, fresh, r.VerifierKeys(), err)
		}
		signatures := func(r *register.Register, keys ...string) int {
			t.Helper()
			if err := r.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			signed, size, err := r.Checkpoint(t.Context())
			if err != nil || size != r.Position() {
				t.Fatalf("%d acts of %d published: %v", size, r.Position(), err)
			}
			n := 0
			for _, key := range keys {
				v, err := translog.NewVerifier(key)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := translog.Open(signed, r.Origin(), v); err == nil {
					n++
				}
			}
			return n
		}
		if n := signatures(r, old, fresh); n != 2 {
			t.Errorf("signed by %d of both keys", n)
		}
		// A copy with its keys is one with both of them.
		var backup bytes.Buffer
		if _, err := r.Backup(t.Context(), &backup, register.BackupOptions{Keys: true}); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "keys")
		if err := register.RestoreKeys(bytes.NewReader(backup.Bytes()), dir); err != nil {
			t.Fatal(err)
		}
		if keys, err := register.LoadKeys(dir, "", nil); err != nil || len(keys.Later) != 1 || keys.Later[0].Verifier != fresh {
			t.Errorf("restored keys: %d later ones, %v", len(keys.Later), err)
		}
		r.Close()

		// The old key goes: the next checkpoint is signed by the new one alone.
		if err := os.Remove(filepath.Join(e.keys.Dir, "log.key")); err != nil {
			t.Fatal(err)
		}
		keys, err := register.LoadKeys(e.keys.Dir, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err = register.Open(t.Context(), register.Config{Store: e.store, Keys: keys, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if r.Fault() != nil {
			t.Fatal(r.Fault())
		}
		putViews(t, r, dialogue, 1)
		if n := signatures(r, old); n != 0 {
			t.Error("the old key signs, though it is gone")
		}
		if n := signatures(r, fresh); n != 1 {
			t.Error("the new key does not sign")
		}
		if _, err := r.ChangeLogKey(context.Background()); err != nil {
			t.Errorf("a second change: %v", err)
		}
		if n := signatures(r, r.VerifierKeys()...); n != 2 {
			t.Errorf("signed by %d of three keys; two are here", n)
		}
	})
}
