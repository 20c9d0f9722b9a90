package register_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/register"
	"samleng/internal/store"
)

// holds looks for bytes in every file of the folder, or in every table.
func (e engine) holds(t testing.TB, r *register.Register, piece string) bool {
	t.Helper()
	if e.store.Dir != "" {
		return foundIn(t, e.store.Dir, piece)
	}
	found := false
	err := r.Store().Snapshot(t.Context(), func(snap *store.Snap) error {
		err := snap.Scan(0, snap.Size(), func(stored store.Stored) error {
			found = found || bytes.Contains(stored.Header, []byte(piece))
			for _, section := range stored.Sections {
				found = found || bytes.Contains(section.Bytes, []byte(piece)) || bytes.Contains(section.Salt, []byte(piece))
			}
			return nil
		})
		for _, table := range store.PrivateTables() {
			err = errors.Join(err, snap.Private(table.Name, func(values []any) error {
				for _, value := range values {
					switch v := value.(type) {
					case []byte:
						found = found || bytes.Contains(v, []byte(piece))
					case string:
						found = found || strings.Contains(v, piece)
					}
				}
				return nil
			}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// unzipped is all that a backup says, with what stands in it as base64 as it is.
func unzipped(t *testing.T, r *register.Register) string {
	t.Helper()
	zipped, err := gzip.NewReader(backup(t, r))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			for _, member := range v {
				walk(member)
			}
		case []any:
			for _, element := range v {
				walk(element)
			}
		case string:
			all.WriteString(v + "\n")
			if raw, err := base64.StdEncoding.DecodeString(v); err == nil {
				all.Write(raw)
			}
		}
	}
	for lines := json.NewDecoder(zipped); ; {
		var line any
		if err := lines.Decode(&line); errors.Is(err, io.EOF) {
			return all.String()
		} else if err != nil {
			t.Fatal(err)
		}
		walk(line)
	}
}

// said are the words of a view of the tests here: long enough that the database
// keeps them on pages (or in a table) of their own, and easy to recognise.
const said = "the well behind the pagoda has been dry since March"

func wordy(who civic.Actor, dialogue act.ID) act.Draft {
	d := viewDraft(who, dialogue, said)
	d.Content["detail"] = &act.Text{Text: strings.Repeat("the detail of the well; ", 600)}
	return d
}

var wordsOfIt = []string{said, "the detail of the well"}

// TestErasureOutlastsReaders erases while somebody reads an older view: the
// bytes go when the reader is gone, and until then it is known that they are
// there.
func TestErasureOutlastsReaders(t *testing.T) {
	e := sqlite(t)
	r := e.open(t)
	dialogue := begin(t, r)
	who := person(r, "somebody", dialogue)
	receipt, err := r.Submit(t.Context(), who, wordy(who, dialogue), nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := store.Open(t.Context(), e.store)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	crashed := engine{store.Config{Dir: t.TempDir()}, e.keys}
	err = other.Snapshot(t.Context(), func(*store.Snap) error {
		if _, err := r.Erase(t.Context(), civic.Actor{By: act.Participant, Holds: receipt.Act}, receipt.Act, act.ErasedByHolder); err != nil {
			t.Errorf("erased beside a reader: %v", err)
		}
		if due, err := r.ScrubDue(t.Context()); err != nil || !due {
			t.Errorf("due %v: %v", due, err)
		}
		if !foundIn(t, e.store.Dir, said) {
			t.Error("the bytes are gone although a reader needs them: this test cannot fail")
		}
		// What a process leaves that is killed at this moment.
		for _, name := range []string{"samleng.db", "samleng.db-wal"} {
			content, err := os.ReadFile(filepath.Join(e.store.Dir, name))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(crashed.store.Dir, name), content, 0o600); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	scrubbed := func(e engine, r *register.Register) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			due, err := r.ScrubDue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !due {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("still to be scrubbed after 20 s")
			}
		}
		for _, words := range wordsOfIt {
			if foundIn(t, e.store.Dir, words) {
				t.Errorf("a file of %s still holds %q", e.store.Dir, words)
			}
		}
	}
	scrubbed(e, r)
	r.Close()
	if !foundIn(t, crashed.store.Dir, said) {
		t.Fatal("a kill before the scrub leaves no bytes: this test cannot fail")
	}
	r = crashed.open(t)
	defer r.Close()
	scrubbed(crashed, r)
}

// TestErasedLeavesEverything looks for erased words in the files or tables, in
// what is served from memory, and in a backup made afterwards.
func TestErasedLeavesEverything(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		defer r.Close()
		second := e.open(t)
		defer second.Close()
		dialogue := begin(t, r)
		who := person(r, "somebody", dialogue)
		receipt, err := r.Submit(t.Context(), who, wordy(who, dialogue), nil)
		if err != nil {
			t.Fatal(err)
		}
		submit(t, r, civic.System, receipt.Act, &act.StatementPublished{}, nil)
		if err := second.Wait(t.Context(), r.Position()); err != nil {
			t.Fatal(err)
		}
		for _, words := range wordsOfIt {
			if !e.holds(t, r, words) || !strings.Contains(unzipped(t, r), words) {
				t.Fatalf("%q is nowhere before it is erased: this test cannot fail", words)
			}
		}
		for _, r := range []*register.Register{r, second} { // into their memory
			if text, err := r.Text(t.Context(), civic.Actor{}, receipt.Act, "text"); err != nil || text != said {
				t.Fatalf("%q: %v", text, err)
			}
		}
		holder := civic.Actor{By: act.Participant, Holds: receipt.Act}
		if _, err := r.Erase(t.Context(), holder, receipt.Act, act.ErasedByHolder); err != nil {
			t.Fatal(err)
		}
		for _, words := range wordsOfIt {
			if e.holds(t, r, words) || strings.Contains(unzipped(t, r), words) {
				t.Errorf("%q is still kept", words)
			}
		}
		if due, err := r.ScrubDue(t.Context()); err != nil || due {
			t.Errorf("due %v: %v", due, err)
		}
		if err := second.Wait(t.Context(), r.Position()); err != nil {
			t.Fatal(err)
		}
		for _, r := range []*register.Register{r, second} {
			if _, err := r.Text(t.Context(), holder, receipt.Act, "text"); !errors.Is(err, register.ErrErased) {
				t.Errorf("read after the erasure: %v", err)
			}
			file, err := r.ReceiptFile(t.Context(), holder, receipt.Act)
			if err != nil || len(file.Openings) != 0 {
				t.Errorf("the receipt file after the erasure: %+v, %v", file, err)
			}
		}
		if err := r.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		err = r.OpenSections(t.Context(), 0, 256, func(_ int64, open []act.Section) error {
			for _, section := range open {
				for _, words := range wordsOfIt {
					if strings.Contains(string(section.Content), words) {
						t.Error("the published log gives the erased words")
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestSealedIsNowherePlain: what nobody's role may read (ballots, who is behind
// a view, what people say of themselves, views for trustees) stands in no file
// and no backup as it is, and does not open without the keys.
func TestSealedIsNowherePlain(t *testing.T) {
	onBoth(t, func(t *testing.T, e engine) {
		r := e.open(t)
		dialogue := begin(t, r)
		who := person(r, "somebody", dialogue)
		d := viewDraft(who, dialogue, said)
		d.Content["source"] = &act.Source{Participant: &who.Participant, Origin: &act.Origin{ID: "origin-77", Author: "author-77"}}
		receipt, err := r.Submit(t.Context(), who, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		submit(t, r, civic.System, receipt.Act, &act.StatementPublished{}, nil)
		submit(t, r, who, dialogue, &act.ParticipantDescribed{}, map[string]any{
			"self": &act.Self{Participant: who.Participant, Sex: "woman", AgeBand: "18_30"}})
		if _, err := r.Submit(t.Context(), who, ballotDraft(who, dialogue, receipt.Act, act.Agree), nil); err != nil {
			t.Fatal(err)
		}
		if err := r.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		pseudonym, err := json.Marshal(who.Participant)
		if err != nil {
			t.Fatal(err)
		}
		copied := unzipped(t, r)
		if !e.holds(t, r, said) || !strings.Contains(copied, said) {
			t.Fatal("words that are not sealed cannot be found: the search is blind")
		}
		for _, piece := range []string{strings.Trim(string(pseudonym), `"`), string(who.Participant[:]), "author-77", "origin-77", "age_band", "18_30", `"votes"`, `"agree"`} {
			if e.holds(t, r, piece) {
				t.Errorf("%q stands in the database as it is", piece)
			}
			if strings.Contains(copied, piece) {
				t.Errorf("%q stands in a backup as it is", piece)
			}
		}
		sealed, wrong := 0, sealerOfSomebody(t)
		err = r.Store().Scan(t.Context(), 0, r.Position(), func(stored store.Stored) error {
			h, err := act.DecodeHeader(stored.Header)
			if err != nil {
				return err
			}
			for _, section := range stored.Sections {
				audience, err := act.AudienceOf(h.Kind, section.Name)
				if err != nil || audience != act.Sealed {
					continue
				}
				sealed++
				digest, _ := h.Section(section.Name)
				if len(section.Salt) != 0 {
					t.Errorf("the salt of the sealed section %s stands beside it", section.Name)
				}
				if _, err := wrong.Open(section.Name, digest, section.Salt, section.Bytes); !errors.Is(err, act.ErrSealed) {
					t.Errorf("section %s opens with another key: %v", section.Name, err)
				}
			}
			return nil
		})
		if err != nil || sealed != 3 {
			t.Errorf("%d sealed sections: %v", sealed, err)
		}
		r.Close()
		opensNothing(t, e, receipt.Act)
	})
}

func sealerOfSomebody(t testing.TB) *act.Sealer {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	sealer, err := act.NewSealer(key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

// opensNothing opens the database with keys of somebody's own, as whoever has a
// copy would.
func opensNothing(t *testing.T, e engine, view act.ID) {
	t.Helper()
	keys, err := register.LoadKeys(t.TempDir(), "test.example/register", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := register.Open(context.Background(), register.Config{Store: e.store, Keys: keys, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.Fault() == nil {
		t.Error("a register whose sealed sections do not open is served as if it were whole")
	}
	var source act.Source
	holder := civic.Actor{By: act.Participant, Holds: view}
	if err := r.Content(t.Context(), holder, civic.SectionRef{Act: view, Name: "source"}, &source); err == nil {
		t.Errorf("the source opens without the keys: %+v", source)
	}
}
