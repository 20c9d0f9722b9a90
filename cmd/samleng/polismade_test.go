package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/polis"
	"samleng/internal/register"
)

// made writes a small conversation with everything that real ones have: changed
// and repeated votes, votes on withheld comments, comments with no vote, an
// author who did not vote, words that look like formulas.
func made(t *testing.T) string {
	t.Helper()
	c := polis.Native()
	c.Summary = []polis.SummaryRow{{Key: "topic", Value: "=a question"}, {Key: "url", Value: "https://example.org/q"}, {Key: "conversation-description", Value: ""}}
	const start = 1435654192085
	for n := range 12 {
		comment := polis.Comment{ID: int64(20 - n), Author: int64(n % 4), Time: start + int64(n*977%12), Moderated: n%3 - 1, Text: fmt.Sprintf("-comment \"%d\",\nwith lines", n)}
		if n == 11 {
			comment.Author, comment.Fields = 99, map[string]string{"agrees": "7"}
		}
		c.Comments = append(c.Comments, comment)
	}
	for voter := range 40 {
		for n, comment := range c.Comments[:10] {
			for change := range 1 + (voter+n)%4 {
				c.Votes = append(c.Votes, polis.Vote{Voter: int64(voter), Comment: comment.ID, Time: start + int64((voter*31+n*7+change*13)%50), Value: act.Vote((voter+n+change/2)%3 - 1)})
			}
		}
		c.Participants = append(c.Participants, polis.Participant{ID: int64(voter), Fields: map[string]string{"group-id": fmt.Sprint(voter % 2)}})
	}
	slices.Reverse(c.Participants)
	dir := t.TempDir()
	if err := c.Write(dir, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestInterruptedImport ends an import at every stage and runs it again: in the
// end nothing is missing and nothing is there twice.
func TestInterruptedImport(t *testing.T) {
	dir, whole := made(t), t.TempDir()
	mustImport(t, dir, whole, "there")
	r := mustOpen(t, whole)
	want, acts := snapshot(t, r, "there"), r.Position()
	conversation, err := polis.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if want.Ballots != int64(len(conversation.Votes)) || len(want.Statements) != 12 || want.Stage != civic.Closed {
		t.Errorf("%d ballots, not %d; %d views; %s", want.Ballots, len(conversation.Votes), len(want.Statements), want.Stage)
	}
	if got := want.Statements["10"]; got.Moderation != civic.Awaiting { // no vote, and nobody decided
		t.Errorf("comment 10 is %s", got.Moderation)
	}
	data := t.TempDir()
	errStop := errors.New("stopped")
	for _, after := range []int64{1, 3, 4, 7, 15, 40, 60, 200, 500} {
		r, err := place{Data: data}.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := &importer{register: r, c: conversation, slug: "there", language: "und", progress: newProgress(os.Stderr)}
		ctx, stop := withStop(t, r, after, errStop)
		_, err = i.run(ctx)
		stop()
		i.progress.end()
		position := r.Position()
		r.Close()
		if err == nil && position != acts {
			t.Fatalf("it ended with %d acts of %d", position, acts)
		}
	}
	mustImport(t, dir, data, "there")
	r = mustOpen(t, data)
	if got := snapshot(t, r, "there"); !reflect.DeepEqual(got, want) || r.Position() != acts {
		t.Errorf("after interruptions %d acts, not %d; the same: %v", r.Position(), acts, reflect.DeepEqual(got, want))
	}
	mustImport(t, dir, data, "there")
	if r := mustOpen(t, data); r.Position() != acts {
		t.Errorf("a second import adds %d acts", r.Position()-acts)
	}
}

// TestRefusedImports: a name that is taken, by another conversation or by a
// dialogue that began here, and broken files; nothing is imported.
func TestRefusedImports(t *testing.T) {
	dir, data := made(t), t.TempDir()
	refused := func(dir, slug, why string) {
		t.Helper()
		err := (&importPolisCommand{place: place{Data: data}, Dir: dir, Dialogue: slug, Language: "und"}).Run(t.Context())
		if err == nil || !bytes.Contains([]byte(err.Error()), []byte(why)) {
			t.Errorf("%v, where %q was to be said", err, why)
		}
	}
	votes, err := os.ReadFile(filepath.Join(dir, "votes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	broken := t.TempDir()
	if err := os.CopyFS(broken, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "votes.csv"), append(votes, "1435654192085,,7,0,2\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	refused(broken, "there", "votes.csv, row ")
	refused(dir, "No Slug", "nothing was imported")
	if _, err := os.Stat(filepath.Join(data, "keys")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused import made a register: %v", err)
	}
	mustImport(t, dir, data, "there")
	if err := os.WriteFile(filepath.Join(broken, "votes.csv"), votes, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(broken, "summary.csv")); err != nil {
		t.Fatal(err)
	}
	refused(broken, "there", "another conversation")
	r := mustOpen(t, data)
	before := r.Position()
	nativeDialogue(t, r, "here", false)
	added := r.Position() - before
	refused(dir, "here", "was not imported from Polis")
	if err := r.Wait(t.Context(), before+added); err != nil || r.Position() != before+added {
		t.Errorf("refused imports left %d acts: %v", r.Position()-before-added, err)
	}
}

// TestImportedReceiptsAreClosed: from what the source publishes nobody works
// out a secret, a token or a pseudonym.
func TestImportedReceiptsAreClosed(t *testing.T) {
	dir := made(t)
	var states [2]imported
	var people [2]act.Pseudonym
	var tokens [2]register.Token
	for n := range states {
		data := t.TempDir()
		mustImport(t, dir, data, "there")
		r := mustOpen(t, data)
		states[n] = snapshot(t, r, "there")
		tokens[n] = r.TokenFor(act.ID{}, "polis programme")
		r.View(func(s *civic.State) {
			d := s.DialogueBySlug("there")
			for vote := range s.Votes(d.ID) {
				if self, _ := s.Self(d.ID, vote.Pseudonym); self.Origin.ID == "7" {
					people[n] = vote.Pseudonym
				}
			}
			for _, token := range []string{"7", "polis person 7"} {
				if r.Participant(token, d.ID) == people[n] {
					t.Errorf("whoever calls themselves %q is the participant 7", token)
				}
			}
		})
	}
	if !reflect.DeepEqual(states[0], states[1]) || people[0] == people[1] || tokens[0] == tokens[1] {
		t.Error("two servers make different states, or the same people or tokens")
	}
	a, err := json.Marshal(states[0].Origin)
	if err != nil || bytes.Contains(a, []byte("comment \\\"")) {
		t.Errorf("the dialogue's open section holds words: %s %v", a, err)
	}
}
