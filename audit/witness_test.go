package audit_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"samleng/act"
	"samleng/audit"
	"samleng/translog"
)

// watched is a short log with two witnesses, an act an hour, kept in memory as a
// site publishes it.
type watched struct {
	t        testing.TB
	leaves   [][]byte
	sections []map[string]any
	hour     time.Time
	first    string // secret key of the log
	signers  []note.Signer
	vkey     string
	secrets  []string // of the witnesses
	cosigned map[string][]string
	served   []byte // the checkpoint, where it is not made from the leaves
}

var watchedFrom = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func newWatched(t testing.TB) *watched {
	w := &watched{t: t, hour: watchedFrom, cosigned: map[string][]string{}}
	var err error
	w.first, w.vkey, err = translog.GenerateKey(rand.Reader, "watched.example")
	if err != nil {
		t.Fatal(err)
	}
	w.signWith(w.first)
	w.do(&act.ProgrammeDeclared{Prefix: "KH", TimeZone: "UTC", Languages: []string{"km"}, Threshold: 10, Rounding: 5, Step: 10})
	w.do(&act.RulesAdopted{Version: 1})
	facts := &act.WitnessesDeclared{Quorum: 2}
	for _, kind := range []string{"cso_coalition", "donor"} {
		secret, key, err := translog.GenerateCosignerKey(rand.Reader, kind+".example")
		if err != nil {
			t.Fatal(err)
		}
		w.secrets = append(w.secrets, secret)
		facts.Witnesses = append(facts.Witnesses, act.Witness{Organisation: w.do(&act.OrganisationRegistered{Type: kind}), Key: key, Cadence: act.CadenceDaily})
	}
	w.do(facts)
	for range 20 {
		w.do(&act.OrganisationRegistered{Type: "media"})
	}
	return w
}

func (w *watched) signWith(secrets ...string) {
	w.t.Helper()
	w.signers = nil
	for _, secret := range secrets {
		signer, err := translog.NewSigner(secret)
		if err != nil {
			w.t.Fatal(err)
		}
		w.signers = append(w.signers, signer)
	}
}

// do appends an act of the register itself, an hour after the one before.
func (w *watched) do(facts act.Facts) act.ID {
	w.t.Helper()
	w.hour = w.hour.Add(time.Hour)
	return w.at(w.hour, facts)
}

func (w *watched) at(hour time.Time, facts act.Facts) act.ID {
	w.t.Helper()
	id, err := act.NewID(rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	d := act.Draft{By: act.System, Facts: facts}
	switch facts.(type) {
	case *act.ProgrammeDeclared, *act.OrganisationRegistered:
		d.Content = called("name")
	}
	made, err := act.New(d, id, hour, rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	var open []map[string]string
	for _, s := range made.Sections {
		open = append(open, map[string]string{"name": s.Name, "salt": base64.StdEncoding.EncodeToString(s.Salt[:]), "content": string(s.Content)})
	}
	if open != nil {
		w.sections = append(w.sections, map[string]any{"position": len(w.leaves), "sections": open})
	}
	w.leaves = append(w.leaves, made.Leaf)
	return id
}

// signed is a checkpoint of the first acts, with the log's signature.
func (w *watched) signed(size int) []byte {
	w.t.Helper()
	var tree translog.Frontier
	for _, leaf := range w.leaves[:size] {
		if err := tree.Append(translog.LeafHash(leaf)); err != nil {
			w.t.Fatal(err)
		}
	}
	signed, err := translog.Sign(translog.Checkpoint{Origin: "watched.example", Size: int64(size), Root: tree.Root()}, w.signers[0], w.signers[1:]...)
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}

// cosign has witnesses sign a checkpoint at a moment, and publishes that.
func (w *watched) cosign(signed []byte, at time.Time, by ...int) []byte {
	w.t.Helper()
	for _, i := range by {
		signer, err := translog.NewCosigner(w.secrets[i], func() time.Time { return at })
		if err != nil {
			w.t.Fatal(err)
		}
		if signed, err = translog.Cosign(signed, signer); err != nil {
			w.t.Fatal(err)
		}
	}
	month := at.Format("2006-01")
	w.cosigned[month] = append(w.cosigned[month], string(signed))
	return signed
}

// hourOf is when the act at a position came.
func (w *watched) hourOf(position int) time.Time {
	h, err := act.DecodeHeader(w.leaves[position])
	if err != nil {
		w.t.Fatal(err)
	}
	return h.At
}

func (w *watched) fetch(_ context.Context, path string) ([]byte, error) {
	switch {
	case path == "key":
		return []byte(w.vkey + "\n"), nil
	case path == "checkpoint" && w.served != nil:
		return w.served, nil
	case path == "checkpoint":
		return w.signed(len(w.leaves)), nil
	case path == "sections/0":
		return json.Marshal(w.sections)
	case path == audit.MonthsPath:
		months := []string{}
		for _, month := range []string{"2026-02", "2026-03", "2026-04"} {
			if w.cosigned[month] != nil {
				months = append(months, month)
			}
		}
		return json.Marshal(months)
	case strings.HasPrefix(path, "cosigned/"):
		return json.Marshal(w.cosigned[strings.TrimPrefix(path, "cosigned/")])
	}
	tile, err := translog.ParseTilePath(path)
	if err != nil || tile.Index != 0 || tile.Width > len(w.leaves) {
		return nil, fs.ErrNotExist
	}
	if tile.Level == translog.EntriesLevel {
		return translog.EncodeBundle(w.leaves[:tile.Width])
	}
	return translog.EncodeTile(translog.LeafHashes(w.leaves[:tile.Width])), nil
}

func (w *watched) audit(keys ...string) audit.Report {
	w.t.Helper()
	report, err := audit.Run(w.t.Context(), audit.Config{Fetch: w.fetch, Keys: keys, Now: func() time.Time { return w.hour.Add(time.Hour) }, Tries: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// TestWitnessesVerified: what was signed is verified with the keys of the log, and
// the report says how it is witnessed.
func TestWitnessesVerified(t *testing.T) {
	w := newWatched(t)
	w.cosign(w.signed(10), w.hourOf(9).Add(10*time.Minute), 0, 1)
	w.served = w.cosign(w.signed(20), w.hourOf(19).Add(10*time.Minute), 0)
	report := w.audit()
	if report.Outcome != audit.Verified || report.Size != 20 || len(report.Cosignatures) != 1 || report.UnknownSignatures != 0 || report.Seen != 0 {
		t.Errorf("%+v", report)
	}
	got := report.Witnessing
	if got == nil || got.Quorum != 2 || !got.Kept || got.Size != 10 || got.Witnesses[0].Size != 20 || got.Witnesses[1].Size != 10 {
		t.Errorf("witnessing: %+v", got)
	}
	w.hour = w.hour.Add(72 * time.Hour)
	if got = w.audit().Witnessing; got.Kept || !got.Witnesses[1].Late {
		t.Errorf("three days later: %+v", got)
	}
}

// TestWitnessesNext: a later run takes in what was signed since, of old sizes too.
func TestWitnessesNext(t *testing.T) {
	w := newWatched(t)
	w.cosign(w.signed(10), w.hourOf(9).Add(10*time.Minute), 0)
	a, err := audit.New(audit.Config{Fetch: w.fetch, Now: func() time.Time { return w.hour.Add(time.Hour) }, Tries: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		do    func()
		size  int64
		found int
	}{
		{func() {}, 0, 0},
		{func() { w.cosign(w.signed(9), w.hourOf(8).Add(20*time.Minute), 1) }, 9, 0},
		{func() { w.do(&act.OrganisationRegistered{Type: "media"}) }, 9, 0},
		{func() { w.cosign(w.signed(len(w.leaves)), w.hour, 0, 1) }, 26, 0},
		{func() { w.cosign(w.signed(12), w.hourOf(3), 1) }, 26, 2}, // before its acts, and out of order
	} {
		step.do()
		report := again(t, a)
		if got := report.Witnessing; got == nil || got.Size != step.size || len(report.Findings) != step.found {
			t.Fatalf("witnessed %+v, want %d; found %v", got, step.size, report.Findings)
		}
	}
}

// TestOneSizeTwice: a witness that signs a size again has a note of its own for
// it, and no signature of another note is forgotten for that.
func TestOneSizeTwice(t *testing.T) {
	for _, turned := range []bool{false, true} {
		w := newWatched(t)
		w.do(&act.OrganisationRegistered{Type: "media"})
		all := len(w.leaves)
		first, again := w.hourOf(all-1).Add(10*time.Minute), w.hourOf(all-1).Add(40*time.Minute)
		w.cosign(w.signed(all), first, 0)
		w.cosign(w.signed(all), again, 0)
		w.cosign(w.signed(all), again.Add(time.Minute), 1)
		w.cosigned["2026-03"][0], w.cosigned["2026-03"][2] = w.cosigned["2026-03"][2], w.cosigned["2026-03"][0]
		if turned {
			slices.Reverse(w.cosigned["2026-03"])
		}
		got := w.audit().Witnessing
		if got == nil || got.Size != int64(all) || !got.Witnesses[0].SignedAt.Equal(again) || !got.Witnesses[1].SignedAt.Equal(again.Add(time.Minute)) {
			t.Errorf("turned round %t: %+v", turned, got)
		}
	}
}

// TestWitnessesReplaced: the log may declare other witnesses, and the report says
// whom it left out.
func TestWitnessesReplaced(t *testing.T) {
	w := newWatched(t)
	if former := w.audit().Witnessing.Former; len(former) != 0 {
		t.Errorf("nobody was left out: %+v", former)
	}
	facts, until := &act.WitnessesDeclared{Quorum: 2}, int64(0)
	for _, kind := range []string{"cso", "media"} {
		_, key, err := translog.GenerateCosignerKey(rand.Reader, kind+".example")
		if err != nil {
			t.Fatal(err)
		}
		facts.Witnesses = append(facts.Witnesses, act.Witness{Organisation: w.do(&act.OrganisationRegistered{Type: kind}), Key: key, Cadence: act.CadenceDaily})
	}
	until = int64(len(w.leaves))
	w.do(facts)
	report := w.audit()
	if report.Outcome != audit.Verified || len(report.Witnessing.Former) != 2 || report.Witnessing.Former[0].Until != until ||
		!strings.HasPrefix(report.Witnessing.Former[0].Key, "cso_coalition.example") {
		t.Errorf("%v: %+v", report.Findings, report.Witnessing)
	}
}

// TestLiesAboutWitnesses: each is caught, and named.
func TestLiesAboutWitnesses(t *testing.T) {
	for _, lie := range []struct {
		name     string
		do       func(w *watched)
		check    audit.Check
		position int64
		words    string
	}{
		{"an act put in with an hour that had passed", func(w *watched) {
			// Signed hours after the act before, and then comes one of that hour.
			w.cosign(w.signed(len(w.leaves)), w.hour.Add(6*time.Hour), 0)
			w.at(w.hour, &act.OrganisationRegistered{Type: "media"})
			w.hour = w.hour.Add(8 * time.Hour)
		}, audit.CheckTime, 25, "cso_coalition.example"},
		{"an act of an hour after it was signed", func(w *watched) {
			w.cosign(w.signed(20), w.hourOf(19).Add(-3*time.Hour), 1)
		}, audit.CheckTime, 19, "donor.example"},
		{"a signature of a time to come", func(w *watched) {
			w.cosign(w.signed(25), w.hour.Add(20*time.Hour), 1)
		}, audit.CheckTime, audit.NoPosition, "donor.example"},
		{"a signature of a time to come, on the newest checkpoint alone", func(w *watched) {
			w.served = w.cosign(w.signed(25), w.hour.Add(20*time.Hour), 1)
			w.cosigned = map[string][]string{}
		}, audit.CheckTime, audit.NoPosition, "donor.example"},
		{"a signature from before its acts, on the newest checkpoint alone", func(w *watched) {
			w.served = w.cosign(w.signed(25), w.hourOf(20), 1)
			w.cosigned = map[string][]string{}
		}, audit.CheckTime, 24, "donor.example"},
		{"the log signed by a key that another has followed", func(w *watched) {
			secret, _, err := translog.GenerateKey(rand.Reader, "watched.example")
			if err != nil {
				panic(err)
			}
			change, err := translog.ChangeKey(w.first, secret)
			if err != nil {
				panic(err)
			}
			w.do(&act.KeyChanged{Old: change.Old, New: change.New, OldSignature: change.OldSignature, NewSignature: change.NewSignature})
		}, audit.CheckSignature, audit.NoPosition, "key in force"},
		{"a witness rolled back", func(w *watched) {
			w.cosign(w.signed(20), w.hourOf(19).Add(10*time.Minute), 0)
			w.cosign(w.signed(12), w.hourOf(19).Add(20*time.Minute), 0)
			w.cosign(w.signed(22), w.hourOf(21).Add(20*time.Minute), 0)
		}, audit.CheckWitness, 12, "it signed 20 acts"},
		{"a fork shown to a witness", func(w *watched) {
			other := *w
			other.leaves = append(append([][]byte{}, w.leaves[:11]...), w.leaves[12:]...)
			w.cosign(other.signed(15), w.hourOf(15), 0)
		}, audit.CheckFork, 15, ""},
		{"the log restored from an old copy", func(w *watched) {
			w.cosign(w.signed(25), w.hour, 0)
			w.leaves, w.sections = w.leaves[:15], w.sections[:13]
			w.hour = w.hour.Add(5 * time.Hour)
		}, audit.CheckOld, 15, "cso_coalition.example"},
		{"a signature changed", func(w *watched) {
			w.cosign(w.signed(20), w.hourOf(19), 0)
			text := w.cosigned["2026-03"][0]
			w.cosigned["2026-03"][0] = text[:len(text)-12] + "AAAA" + text[len(text)-8:]
		}, audit.CheckWitness, 20, "2026-03"},
		{"a checkpoint that the log did not sign", func(w *watched) {
			secret, _, _ := translog.GenerateKey(rand.Reader, "watched.example")
			other := *w
			other.signWith(secret)
			w.cosign(other.signed(20), w.hourOf(19), 0)
		}, audit.CheckWitness, 20, "no signature by a known key"},
		{"a month that is no list", func(w *watched) { w.cosigned["2026-03"] = []string{"nothing"} }, audit.CheckAnswer, 0, "cosigned/2026-03"},
		{"a witness of no partner", func(w *watched) {
			secret, key, _ := translog.GenerateCosignerKey(rand.Reader, "alone.example")
			_ = secret
			w.do(&act.WitnessesDeclared{Quorum: 2, Witnesses: []act.Witness{{Organisation: act.ID{1}, Key: key, Cadence: act.CadenceDaily},
				{Organisation: act.ID{2}, Key: strings.Replace(key, "alone", "other", 1), Cadence: act.CadenceDaily}}})
		}, audit.CheckForbidden, 25, "refused.no_organisation"},
		{"a key of a witness changed without the old one", func(w *watched) {
			after, _, _ := translog.GenerateCosignerKey(rand.Reader, "donor.example")
			change, err := translog.ChangeKey(w.secrets[1], after)
			if err != nil {
				panic(err)
			}
			w.do(&act.KeyChanged{Old: change.Old, New: change.New, OldSignature: change.NewSignature, NewSignature: change.NewSignature})
		}, audit.CheckForbidden, 25, "refused.key"},
	} {
		t.Run(lie.name, func(t *testing.T) {
			w := newWatched(t)
			lie.do(w)
			report := w.audit()
			if report.Outcome != audit.Wrong || len(report.Findings) == 0 {
				t.Fatalf("%+v", report)
			}
			if !slices.ContainsFunc(report.Findings, func(f audit.Finding) bool {
				return f.Check == lie.check && f.Position == lie.position && strings.Contains(f.String(), lie.words)
			}) {
				t.Errorf("found %v; want %s at %d that says %q", report.Findings, lie.check, lie.position, lie.words)
			}
		})
	}
}

// TestLogKeyFollowed: whoever knows the first key audits a log that is signed by
// the one after the next, if the log shows how they followed each other.
func TestLogKeyFollowed(t *testing.T) {
	w := newWatched(t)
	first := w.vkey
	secrets := []string{w.first}
	for range 2 {
		secret, key, err := translog.GenerateKey(rand.Reader, "watched.example")
		if err != nil {
			t.Fatal(err)
		}
		change, err := translog.ChangeKey(secrets[len(secrets)-1], secret)
		if err != nil {
			t.Fatal(err)
		}
		w.do(&act.KeyChanged{Old: change.Old, New: change.New, OldSignature: change.OldSignature, NewSignature: change.NewSignature})
		secrets, w.vkey = append(secrets, secret), key
	}
	w.signWith(secrets[2])
	report := w.audit(first)
	if report.Outcome != audit.Verified || len(report.Keys) != 2 || report.Keys[1] != w.vkey || report.Learned {
		t.Errorf("%+v", report)
	}
	if report := w.audit(w.vkey); report.Outcome != audit.Verified {
		t.Errorf("with the newest key: %+v", report)
	}

	// The last change is not in the log: anybody could have made this key.
	w.leaves = w.leaves[:len(w.leaves)-1]
	report = w.audit(first)
	if report.Outcome != audit.Wrong || report.Findings[0].Check != audit.CheckSignature || report.Findings[0].Site != w.vkey {
		t.Errorf("%+v", report)
	}
	// Nor is the site's key that of another log, or one that did not sign.
	for _, key := range []string{"other.example", "watched.example"} {
		if _, w.vkey, _ = translog.GenerateKey(rand.Reader, key); w.audit(first).Findings[0].Check != audit.CheckSignature {
			t.Errorf("a key of %s that did not sign: %+v", key, w.audit(first).Findings)
		}
	}
}

func FuzzMonths(f *testing.F) {
	f.Add([]byte(`["2026-03","2026-04"]`))
	f.Add([]byte(`["2026-04","2026-03"]`))
	f.Fuzz(func(t *testing.T, content []byte) {
		months, err := audit.DecodeMonths(content)
		for i := 1; i < len(months) && err == nil; i++ {
			if !months[i-1].Before(months[i]) {
				t.Errorf("%v", months)
			}
		}
	})
}

func FuzzCosigned(f *testing.F) {
	w := newWatched(f)
	f.Add([]byte(fmt.Sprintf(`[%q]`, w.cosign(w.signed(20), w.hourOf(19), 0))))
	f.Fuzz(func(t *testing.T, content []byte) {
		notes, err := audit.DecodeCosigned(content)
		if err != nil && notes != nil {
			t.Errorf("%d notes beside %v", len(notes), err)
		}
		site := *w
		site.t, site.cosigned = t, map[string][]string{}
		for _, note := range notes {
			site.cosigned["2026-03"] = append(site.cosigned["2026-03"], string(note))
		}
		report, err := audit.Run(t.Context(), audit.Config{Fetch: site.fetch, Now: func() time.Time { return site.hour.Add(time.Hour) }, Tries: 1})
		if err != nil || report.Size != 25 {
			t.Errorf("%+v, %v", report, err)
		}
	})
}
