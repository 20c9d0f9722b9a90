package register_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/internal/store"
	"samleng/translog"
)

// engine is a database that a register's tests run on.
type engine struct {
	store store.Config
	keys  register.Keys
}

func sqlite(t testing.TB) engine {
	t.Helper()
	dir := t.TempDir()
	keys, err := register.LoadKeys(filepath.Join(dir, "keys"), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return engine{store.Config{Dir: dir}, keys}
}

func (e engine) open(t testing.TB) *register.Register {
	t.Helper()
	r, err := register.Open(t.Context(), register.Config{Store: e.store, Keys: e.keys, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func names(word string) map[string]any {
	return map[string]any{"names": &act.Names{Name: map[string]string{"en": word}}}
}

func submit(t testing.TB, r *register.Register, who civic.Actor, of act.ID, facts act.Facts, content map[string]any) register.Receipt {
	t.Helper()
	receipt, err := r.Submit(t.Context(), who, act.Draft{By: who.By, Of: of, Facts: facts, Content: content}, nil)
	if err != nil {
		t.Fatalf("%s: %v", facts.Kind(), err)
	}
	return receipt
}

// begin declares a programme with an open dialogue and gives the dialogue.
func begin(t testing.TB, r *register.Register) act.ID {
	t.Helper()
	submit(t, r, civic.System, act.ID{}, &act.ProgrammeDeclared{Prefix: "KH", TimeZone: "Asia/Phnom_Penh",
		Languages: []string{"km"}, Themes: []string{"water"}, Threshold: 10, Rounding: 5, Step: 10}, names("programme"))
	submit(t, r, civic.System, act.ID{}, &act.RulesAdopted{Version: 1}, nil)
	submit(t, r, civic.System, act.ID{}, &act.PolicyDeclared{Days: map[act.Step]int{act.StepModerate: 2}}, nil)
	host := submit(t, r, civic.System, act.ID{}, &act.OrganisationRegistered{Type: "cso"}, names("host")).Act
	dialogue := submit(t, r, civic.System, act.ID{}, &act.DialogueAnnounced{Slug: "one", Level: "national", Door: "open",
		Limit: 300, Changes: 5, Opens: "2026-01-01", Closes: "2026-12-31", Host: host}, names("dialogue")).Act
	submit(t, r, civic.System, dialogue, &act.DialogueOpened{}, nil)
	return dialogue
}

func person(r *register.Register, token string, dialogue act.ID) civic.Actor {
	return civic.Actor{By: act.Participant, Participant: r.Participant(token, dialogue)}
}

func viewDraft(who civic.Actor, dialogue act.ID, text string) act.Draft {
	return act.Draft{By: who.By, Of: dialogue, Facts: &act.StatementRegistered{Channel: "web", Written: "km", Visibility: "open"},
		Content: map[string]any{"text": &act.Text{Text: text}, "source": &act.Source{Participant: &who.Participant}}}
}

func ballotDraft(who civic.Actor, dialogue, statement act.ID, vote act.Vote) act.Draft {
	return act.Draft{By: who.By, Of: dialogue, Facts: &act.BallotCast{}, Content: map[string]any{
		"ballot": &act.Ballot{Participant: who.Participant, Votes: []act.StatementVote{{Statement: statement, Vote: vote}}}}}
}

func TestViewAndVotesToReceipts(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	dialogue := begin(t, r)
	token, _ := register.NewToken(rand.Reader)
	who := person(r, "somebody", dialogue)
	first, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "ទឹកស្អាត"), &token)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "ទឹកស្អាត"), &token)
	if err != nil || again.Act != first.Act || again.Secret != first.Secret || !again.Replayed {
		t.Errorf("the same token gives %+v, first %+v: %v", again, first, err)
	}
	if _, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "other words"), &token); !errors.Is(err, register.ErrTokenConflict) {
		t.Errorf("another payload under one token: %v", err)
	}
	key, err := act.ParseCode("KH", string(first.Code))
	if err != nil {
		t.Fatal(err)
	}
	holder, err := r.Holder(t.Context(), key, first.Secret)
	if err != nil || holder.Holds != first.Act {
		t.Errorf("code and secret open %v: %v", holder, err)
	}
	if _, err := r.Holder(t.Context(), key, "0000-0000-0000-0000"); !errors.Is(err, register.ErrSecret) {
		t.Errorf("a wrong secret: %v", err)
	}
	submit(t, r, civic.System, first.Act, &act.StatementPublished{}, nil)

	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			voter := person(r, fmt.Sprint("voter ", i), dialogue)
			for range 2 {
				if _, err := r.Submit(context.Background(), voter, ballotDraft(voter, dialogue, first.Act, act.Agree), nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	r.View(func(s *civic.State) {
		if got := s.Tally(first.Act); got.Agree != 200 || s.Ballots(dialogue) != 200 {
			t.Errorf("%+v after 200 people voted twice the same, %d ballots", got, s.Ballots(dialogue))
		}
	})
	if err := r.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	file, err := r.ReceiptFile(t.Context(), holder, first.Act)
	if err != nil {
		t.Fatal(err)
	}
	verifier, _ := translog.NewVerifier(r.VerifierKey())
	if _, err := file.Verify(r.Origin(), verifier); err != nil {
		t.Errorf("the receipt does not verify: %v", err)
	}
	if len(file.Openings) != 2 {
		t.Errorf("the holder gets %d openings, not text and source", len(file.Openings))
	}
	t.Logf("%+v", r.Stats())

	before := publicState(t, r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r = e.open(t)
	defer r.Close()
	if r.Fault() != nil {
		t.Fatal(r.Fault())
	}
	if after := publicState(t, r); !bytes.Equal(before, after) {
		t.Errorf("replayed\n%s\nwas\n%s", after, before)
	}
	r.View(func(s *civic.State) {
		if got := s.Tally(first.Act); got.Agree != 200 || len(s.Releases(dialogue)) != 1 {
			t.Errorf("replayed %+v, %d releases", got, len(s.Releases(dialogue)))
		}
	})
}

func publicState(t testing.TB, r *register.Register) (state []byte) {
	t.Helper()
	r.View(func(s *civic.State) {
		var err error
		if state, err = s.PublicJSON(); err != nil {
			t.Fatal(err)
		}
	})
	return state
}

// TestErasedIsErased looks for an erased view's words in every file.
func TestErasedIsErased(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	dialogue := begin(t, r)
	words := "the well behind the pagoda has been dry since March"
	who := person(r, "somebody", dialogue)
	token, _ := register.NewToken(rand.Reader)
	receipt, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, words), &token)
	if err != nil {
		t.Fatal(err)
	}
	if !foundIn(t, e.store.Dir, words) {
		t.Fatal("the words are in no file before they are erased: this test cannot fail")
	}
	if _, err := r.Erase(t.Context(), civic.Actor{By: act.Participant, Holds: receipt.Act}, receipt.Act, act.ErasedByHolder); err != nil {
		t.Fatal(err)
	}
	if foundIn(t, e.store.Dir, words) {
		t.Error("a file still holds the erased words")
	}
	if _, err := r.Text(t.Context(), civic.Actor{By: act.Participant, Holds: receipt.Act}, receipt.Act, "text"); !errors.Is(err, register.ErrErased) {
		t.Errorf("read after erasure: %v", err)
	}
	r.Close()
	r = e.open(t)
	defer r.Close()
	if r.Fault() != nil {
		t.Fatal(r.Fault())
	}
}

func foundIn(t testing.TB, dir, words string) (found bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found = found || bytes.Contains(content, []byte(words))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTwoRegistersOnOneLog has two open registers append at once.
func TestTwoRegistersOnOneLog(t *testing.T) {
	e := sqlite(t)
	a := e.open(t)
	defer a.Close()
	dialogue := begin(t, a)
	b := e.open(t)
	defer b.Close()
	var wg sync.WaitGroup
	for i, r := range []*register.Register{a, b} {
		for n := range 8 {
			wg.Go(func() {
				for k := range 10 {
					who := person(r, fmt.Sprint(i, n, k), dialogue)
					if _, err := r.Submit(context.Background(), who, viewDraft(who, dialogue, "a view"), nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	size, err := a.Store().Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*register.Register{a, b} {
		if err := r.Wait(t.Context(), size); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(publicState(t, a), publicState(t, b)) {
		t.Error("two registers on one log have different states")
	}
	a.View(func(s *civic.State) {
		if n := len(s.Statements()); n != 160 {
			t.Errorf("%d views, not 160", n)
		}
	})
}

// TestOldCopyIsNoticed restores a copy of the database made before the last
// checkpoint.
func TestOldCopyIsNoticed(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	dialogue := begin(t, r)
	r.Close()
	old, err := os.ReadFile(filepath.Join(e.store.Dir, "samleng.db"))
	if err != nil {
		t.Fatal(err)
	}
	r = e.open(t)
	who := person(r, "somebody", dialogue)
	if _, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "a view"), nil); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.Close()
	for _, name := range []string{"samleng.db-wal", "samleng.db-shm"} {
		os.Remove(filepath.Join(e.store.Dir, name))
	}
	if err := os.WriteFile(filepath.Join(e.store.Dir, "samleng.db"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	r = e.open(t)
	defer r.Close()
	if r.Fault() == nil {
		t.Fatal("a copy older than the published checkpoint is taken for the register")
	}
	if _, err := r.Submit(t.Context(), who, viewDraft(who, dialogue, "another"), nil); !errors.Is(err, register.ErrReadOnly) {
		t.Errorf("it takes acts: %v", err)
	}
	if err := r.Publish(t.Context()); !errors.Is(err, register.ErrReadOnly) {
		t.Errorf("it signs: %v", err)
	}
}

func TestSlipComesAliveOnce(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	defer r.Close()
	dialogue := begin(t, r)
	slips, err := r.NewSlips(2, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Slip(slips[0].Number[:10] + "00"); !errors.Is(err, register.ErrSlip) && slips[0].Number[10:] != "00" {
		t.Errorf("a number that was made up: %v", err)
	}
	slip, err := r.Slip(" " + slips[0].Number)
	if err != nil || slip.Code != slips[0].Code {
		t.Fatalf("%+v is read as %+v: %v", slips[0], slip, err)
	}
	who := person(r, "somebody", dialogue)
	receipt, err := r.SubmitSlip(t.Context(), who, viewDraft(who, dialogue, "on paper"), slip)
	if err != nil || receipt.Code != slips[0].Code || receipt.Secret != slips[0].Secret {
		t.Errorf("the slip %+v got the receipt %+v: %v", slips[0], receipt, err)
	}
	if _, err := r.SubmitSlip(t.Context(), who, viewDraft(who, dialogue, "another"), slip); !errors.Is(err, register.ErrTokenConflict) {
		t.Errorf("a second view on one slip: %v", err)
	}
	key, _ := act.ParseCode("KH", string(receipt.Code))
	if _, err := r.Holder(t.Context(), key, slips[0].Secret); err != nil {
		t.Errorf("the slip's secret: %v", err)
	}
}
