package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"samleng/act"
	"samleng/civic"
	"samleng/internal/polis"
	"samleng/internal/register"
)

// withStop gives a context that ends with cause once the register has more
// than a number of acts.
func withStop(t *testing.T, r *register.Register, after int64, cause error) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		for ctx.Err() == nil {
			moved := r.Moved()
			if r.Position() > after {
				cancel(cause)
				return
			}
			select {
			case <-moved:
			case <-ctx.Done():
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// nativeDialogue makes a dialogue with views and votes of its own: one view
// published, one withheld, one of which a participant knows that it is erased.
func nativeDialogue(t *testing.T, r *register.Register, slug string, public bool) (views []act.ID) {
	t.Helper()
	do := func(who civic.Actor, of act.ID, facts act.Facts, content map[string]any) act.ID {
		t.Helper()
		receipt, err := r.Submit(t.Context(), who, act.Draft{By: who.By, Of: of, Facts: facts, Content: content}, nil)
		if err != nil {
			t.Fatalf("%s: %v", facts.Kind(), err)
		}
		return receipt.Act
	}
	names := map[string]any{"names": &act.Names{Name: map[string]string{"en": "@name", "km": "ឈ្មោះ"}}}
	host := do(civic.System, act.ID{}, &act.OrganisationRegistered{Type: "cso"}, names)
	dialogue := do(civic.System, act.ID{}, &act.DialogueAnnounced{Slug: slug, Level: "national", Door: "open", Limit: 200, Changes: 5,
		Opens: "2026-01-01", Closes: "2026-12-31", Public: public, Host: host}, names)
	do(civic.System, dialogue, &act.DialogueOpened{}, nil)
	for n := range 4 {
		who := civic.Actor{By: act.Participant, Participant: r.Participant(fmt.Sprint("author ", n), dialogue)}
		views = append(views, do(who, dialogue, &act.StatementRegistered{Channel: "web", Written: "km", Visibility: act.VisibilityOpen},
			map[string]any{"text": &act.Text{Text: fmt.Sprint("=ទឹក ", n)}, "source": &act.Source{Participant: &who.Participant}}))
		if n < 3 {
			do(civic.System, views[n], &act.StatementPublished{}, nil)
		}
	}
	for voter := range 5 {
		who := civic.Actor{By: act.Participant, Participant: r.Participant(fmt.Sprint("voter ", voter), dialogue)}
		for change := range 2 {
			for n, view := range views[:3] {
				vote := act.Vote((voter+n+change)%3 - 1)
				do(who, dialogue, &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{Participant: who.Participant, Votes: []act.StatementVote{{Statement: view, Vote: vote}}}})
			}
		}
	}
	do(civic.System, views[1], &act.StatementWithheld{Reason: "insult"}, map[string]any{"explanation": &act.Explanation{Text: "because"}})
	if _, err := r.Erase(t.Context(), civic.System, views[2], act.ErasedByLaw); err != nil {
		t.Fatal(err)
	}
	return views
}

// TestExportOfOurOwn exports a dialogue that began here: only when it is said
// that it may, with nobody's views, without what was erased; and what comes out
// can be imported.
func TestExportOfOurOwn(t *testing.T) {
	data, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	mustImport(t, made(t), data, "other") // brings a programme along
	r := mustOpen(t, data)
	views := nativeDialogue(t, r, "here", false)
	export := exportPolisCommand{place: place{Data: data}, Dialogue: "here", Dir: out}
	if err := export.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "not public") {
		t.Errorf("who voted what is written without being asked for: %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a refused export leaves a folder")
	}
	export.Private = true
	if err := export.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := export.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("an export is written over: %v", err)
	}
	info, err := os.Stat(filepath.Join(out, "votes.csv"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("votes.csv is %v: %v", info.Mode(), err)
	}
	c, err := polis.Read(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Comments) != 3 || len(c.Participants) != 5 || len(c.Votes) != 20 || c.Value("topic") != "@name" {
		t.Errorf("%d comments, %d people, %d votes about %q", len(c.Comments), len(c.Participants), len(c.Votes), c.Value("topic"))
	}
	for _, comment := range c.Comments {
		want := map[int64]int{0: polis.Accepted, 1: polis.Rejected, 3: polis.Unmoderated}
		moderated, has := want[comment.ID]
		if !has || comment.Moderated != moderated || comment.Author != polis.NoAuthor || comment.Text != fmt.Sprint("=ទឹក ", comment.ID) {
			t.Errorf("%+v", comment)
		}
	}
	again := t.TempDir()
	mustImport(t, out, again, "back")
	got := snapshot(t, mustOpen(t, again), "back").Votes
	r.View(func(s *civic.State) {
		d := s.DialogueBySlug("here")
		n := 0
		for vote := range s.Votes(d.ID) {
			if vote.Statement.ID == views[2] {
				continue // erased
			}
			n++
			cell := [2]string{fmt.Sprint(vote.Person), fmt.Sprint(map[act.ID]int{views[0]: 0, views[1]: 1}[vote.Statement.ID])}
			if got[cell].Vote != vote.Vote || got[cell].Time%time.Hour.Milliseconds() != 0 {
				t.Errorf("cell %v is %+v, not %v", cell, got[cell], vote.Vote)
			}
		}
		if n != len(got) || n != 10 {
			t.Errorf("%d votes, and %d came back", n, len(got))
		}
	})
}

// TestExportAfterDecision: what somebody decides here about an imported view
// stands in the export, and the rest is as the source said.
func TestExportAfterDecision(t *testing.T) {
	dir, data, out := made(t), t.TempDir(), filepath.Join(t.TempDir(), "out")
	mustImport(t, dir, data, "there")
	r := mustOpen(t, data)
	before, err := polis.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	staff := act.By{As: act.ByStaff, Role: act.RoleModerator, Staff: act.ID{7}}
	var withheld act.ID
	r.View(func(s *civic.State) {
		staff.Organisation = s.DialogueBySlug("there").Host
		for _, v := range s.DialogueBySlug("there").Statements() {
			if s.Origin(v.ID).ID == fmt.Sprint(before.Comments[0].ID) {
				withheld = v.ID
			}
		}
	})
	for _, step := range []struct {
		who civic.Actor
		d   act.Draft
	}{
		{civic.System, act.Draft{By: act.System, Of: staff.Organisation, Facts: &act.RoleGranted{Staff: staff.Staff, Role: staff.Role, From: "2026-01-01"}}},
		{civic.Actor{By: staff}, act.Draft{By: staff, Of: withheld, Facts: &act.StatementPublished{}}},
	} {
		if _, err := r.Submit(t.Context(), step.who, step.d, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := (&exportPolisCommand{place: place{Data: data}, Dialogue: "there", Dir: out}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := polis.Read(os.DirFS(out))
	if err != nil {
		t.Fatal(err)
	}
	before.Comments[0].Moderated = polis.Accepted
	if after.Digest() != before.Digest() {
		t.Error("the export differs by more than the decision")
	}
}

// TestImportBesideServing imports into a folder that another register serves
// and writes to.
func TestImportBesideServing(t *testing.T) {
	data := t.TempDir()
	mustImport(t, made(t), data, "first")
	serving := mustOpen(t, data)
	views := nativeDialogue(t, serving, "here", false)
	var dialogue act.ID
	serving.View(func(s *civic.State) { dialogue = s.DialogueBySlug("here").ID })
	const votes = 60
	done := make(chan error)
	go func() {
		for n := range votes {
			who := civic.Actor{By: act.Participant, Participant: serving.Participant(fmt.Sprint("beside ", n), dialogue)}
			_, err := serving.Submit(t.Context(), who, act.Draft{By: who.By, Of: dialogue, Facts: &act.BallotCast{}, Content: map[string]any{
				"ballot": &act.Ballot{Participant: who.Participant, Votes: []act.StatementVote{{Statement: views[0], Vote: act.Agree}}}}}, nil)
			if err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	mustImport(t, made(t), data, "second")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	fresh := mustOpen(t, data)
	if err := serving.Wait(t.Context(), fresh.Position()); err != nil || fresh.Fault() != nil || serving.Fault() != nil {
		t.Fatal(err, fresh.Fault(), serving.Fault())
	}
	for _, r := range []*register.Register{serving, fresh} {
		first, second := snapshot(t, r, "first"), snapshot(t, r, "second")
		if len(first.Votes) != len(second.Votes) || second.Stage != civic.Closed {
			t.Errorf("%d votes, then %d", len(first.Votes), len(second.Votes))
		}
		r.View(func(s *civic.State) {
			if got := s.Tally(views[0]).Total(); got != votes+5 {
				t.Errorf("%d people voted beside the import, not %d", got-5, votes)
			}
		})
	}
}

// TestProgress: away from a terminal it is whole lines.
func TestProgress(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	p := newProgress(f)
	p.tell() // nothing has begun
	p.begin("votes", 200)
	p.done.Add(50)
	p.tell()
	p.end()
	said, err := os.ReadFile(f.Name())
	if err != nil || !strings.HasPrefix(string(said), "votes: 50 of 200, ") || strings.Count(string(said), "\n") != 1 {
		t.Errorf("%q: %v", said, err)
	}
}
