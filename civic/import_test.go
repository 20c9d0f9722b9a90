package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestImportedVotes: an import carries over votes on what its source withheld
// later, and every time that somebody said the same again. Nobody else may.
func TestImportedVotes(t *testing.T) {
	w, ids := newWorld(t)
	dialogue := ids["dialogue"]
	origin := &act.Origin{ID: "17", Author: "3", Time: 1435654192085, Row: 2, Fields: map[string]string{"moderated": "-1"}}
	view := w.must(civic.System, dialogue, &act.StatementRegistered{Channel: "import", Written: "und", Visibility: "open"},
		map[string]any{"text": &act.Text{Text: "words"}, "source": &act.Source{Origin: origin}})
	native := w.view(participant(), dialogue, "ទឹកស្អាត")
	why := map[string]any{"explanation": &act.Explanation{Text: "withheld there"}}
	if _, err := w.try(civic.System, native, &act.StatementWithheld{Reason: act.ReasonSource}, why); refusal(err) != civic.RefusedForbidden {
		t.Errorf("a view that was not imported is withheld as its source did: %v", err)
	}
	if _, err := w.try(w.staff(ids["other"], act.RoleModerator), view, &act.StatementWithheld{Reason: act.ReasonSource}, why); refusal(err) != civic.RefusedForbidden {
		t.Errorf("a moderator gives the source's reason: %v", err)
	}
	w.must(civic.System, view, &act.StatementWithheld{Reason: act.ReasonSource}, why)

	who := participant()
	ballot := func(vote act.Vote, at int64) map[string]any {
		return map[string]any{"ballot": &act.Ballot{Participant: who.Participant, Votes: []act.StatementVote{{Statement: view, Vote: vote}}, Time: at}}
	}
	if _, err := w.try(who, dialogue, &act.BallotCast{}, ballot(act.Agree, 0)); refusal(err) != civic.RefusedNotVotable {
		t.Errorf("a participant votes on a withheld view: %v", err)
	}
	who.Import = true
	for i, vote := range []act.Vote{act.Agree, act.Agree, act.Disagree, act.Agree, act.Pass} { // more changes than the dialogue's three
		w.must(who, dialogue, &act.BallotCast{}, ballot(vote, int64(1+i)))
	}
	if vote, _, voted := w.state.Vote(who.Participant, view); !voted || vote != act.Pass {
		t.Errorf("the last vote stands as %v, %v", vote, voted)
	}
	if got := w.state.Ballots(dialogue); got != 5 {
		t.Errorf("%d ballots, not the 5 of the source", got)
	}
	w.must(who, dialogue, &act.ParticipantDescribed{}, map[string]any{"self": &act.Self{Participant: who.Participant, Origin: &act.Origin{ID: "9"}}})
	if self, has := w.state.Self(dialogue, who.Participant); !has || self.Origin == nil || self.Origin.ID != "9" {
		t.Errorf("the person's number in the source is %+v", self.Origin)
	}
	ref := civic.SectionRef{Act: view, Name: "text"}
	if w.state.MayRead(civic.Actor{}, ref) || !w.state.MayRead(civic.System, ref) {
		t.Error("withheld words are open to everybody, or closed to the export")
	}
}
