package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// vote casts one person's vote on one view.
func (w *world) vote(who civic.Actor, dialogue, view act.ID, vote act.Vote) act.ID {
	w.t.Helper()
	return w.must(who, dialogue, &act.BallotCast{}, map[string]any{"ballot": &act.Ballot{
		Participant: who.Participant, Votes: []act.StatementVote{{Statement: view, Vote: vote}}}})
}

func (w *world) release(dialogue act.ID) *act.Tally {
	w.t.Helper()
	tally := w.state.ReleaseTally(dialogue)
	w.must(civic.System, dialogue, &act.ReleasePublished{At: w.state.Position()}, map[string]any{"tally": tally})
	return tally
}

// TestReleaseMovesInSteps: a statement's published figures move only when
// enough people reacted to it since they were published, so that the
// difference between two releases tells of no single one, however many votes
// others cast elsewhere.
func TestReleaseMovesInSteps(t *testing.T) {
	w, ids := newWorld(t)
	d := ids["dialogue"]
	moderator := w.staff(ids["cso"], act.RoleModerator)
	a, b := w.view(participant(), d, "one"), w.view(participant(), d, "two")
	for _, view := range []act.ID{a, b} {
		w.must(moderator, view, &act.StatementPublished{}, nil)
	}
	voters := make([]civic.Actor, 40)
	for i := range voters {
		voters[i] = participant()
	}
	for i := range 12 {
		w.vote(voters[i], d, a, act.Agree)
	}
	row := func(tally *act.Tally, view act.ID) act.StatementTally {
		for _, row := range tally.Statements {
			if row.Statement == view {
				return row
			}
		}
		t.Fatalf("no row of %s", view)
		return act.StatementTally{}
	}
	first := w.release(d)
	if got := row(first, a); got.Agree == nil || *got.Agree != 10 || *first.Participants != 10 {
		t.Errorf("12 of 12 agree, 12 people: %+v", got)
	}
	if row(first, b).Agree != nil {
		t.Error("figures of a statement without votes")
	}
	// Fourteen people react to b, one to a: 13 would be shown as 15.
	for i := range 14 {
		w.vote(voters[i], d, b, act.Disagree)
	}
	w.vote(voters[12], d, a, act.Agree)
	second := w.release(d)
	if got := row(second, a); *got.Agree != 10 {
		t.Errorf("one more vote moved the figures to %d", *got.Agree)
	}
	if second.Participants == nil || *second.Participants != 10 {
		t.Error("two more people moved the number of people")
	}
	if got := row(second, b); got.Disagree == nil || *got.Disagree != 15 {
		t.Errorf("14 disagree with b: %+v", got)
	}
	// One person changing their mind again and again is one person.
	w.must(civic.System, act.ID{}, calendar("2026-03-11"), nil)
	for range 2 {
		w.vote(voters[0], d, a, act.Disagree)
		w.vote(voters[0], d, b, act.Agree)
		w.vote(voters[1], d, a, act.Disagree)
		w.vote(voters[1], d, b, act.Agree)
		voters[0], voters[1] = voters[2], voters[3]
	}
	for i := 4; i < 6; i++ {
		w.vote(voters[i], d, a, act.Pass)
	}
	if w.state.ReleaseDue(d) {
		t.Error("a release is due where no figure would move")
	}
	w.refuses(civic.RefusedRelease, civic.System, d, &act.ReleasePublished{At: w.state.Position()}, map[string]any{"tally": w.state.ReleaseTally(d)})
	for i := 13; i < 23; i++ {
		w.vote(voters[i], d, a, act.Agree)
	}
	third := w.release(d)
	if got := row(third, a); *got.Agree == 10 || *got.Disagree != 5 {
		t.Errorf("after ten more people: %d agree, %d disagree, %d pass", *got.Agree, *got.Disagree, *got.Pass)
	}
	if got := row(third, b); *got.Disagree != 15 {
		t.Errorf("b moved to %d with four people", *got.Disagree)
	}
}

// TestReleaseStepIsPublic: that enough ballots came in between two releases
// follows from headers; nobody needs a section to find a release that came too
// early.
func TestReleaseStepIsPublic(t *testing.T) {
	w, ids := newWorld(t)
	d := ids["dialogue"]
	w.must(w.staff(ids["cso"], act.RoleModerator), w.view(participant(), d, "one"), &act.StatementPublished{}, nil)
	view := w.state.Statements()[0].ID
	for range 9 {
		w.vote(participant(), d, view, act.Agree)
	}
	early := &act.Header{Kind: act.KindReleasePublished, ID: act.ID{1}, At: w.now.UTC(), By: act.System, Of: d,
		Facts: &act.ReleasePublished{At: w.state.Position()}}
	if err := w.state.CheckPublic(early); refusal(err) != civic.RefusedRelease {
		t.Errorf("nine ballots: %v", err)
	}
	w.vote(participant(), d, view, act.Agree)
	early.Facts = &act.ReleasePublished{At: w.state.Position()}
	if err := w.state.CheckPublic(early); err != nil {
		t.Errorf("ten ballots: %v", err)
	}
}
