package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestDumpTellsStatesApart: what the tests of the fold compare shows a change
// of anything, public or private.
func TestDumpTellsStatesApart(t *testing.T) {
	w, ids := newWorld(t)
	who := participant()
	view := w.view(who, ids["dialogue"], "one")
	moderator := w.staff(ids["cso"], act.RoleModerator)
	seen := map[string]string{civic.Dump(w.state, false): "before"}
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"published", func() { w.must(moderator, view, &act.StatementPublished{}, nil) }},
		{"a vote", func() { w.vote(who, ids["dialogue"], view, act.Agree) }},
		{"another vote", func() { w.vote(who, ids["dialogue"], view, act.Pass) }},
		{"described", func() {
			w.must(who, ids["dialogue"], &act.ParticipantDescribed{}, map[string]any{"self": &act.Self{Participant: who.Participant, Sex: "man"}})
		}},
		{"a role", func() { w.staff(ids["other"], act.RoleBoard) }},
		{"withheld", func() { w.must(moderator, view, &act.StatementWithheld{Reason: "insult"}, explanation("no")) }},
		{"erased", func() {
			w.must(civic.Actor{By: act.Participant, Holds: view}, view, &act.SectionErased{Section: "source", Reason: act.ErasedByHolder}, nil)
		}},
	} {
		step.do()
		dump := civic.Dump(w.state, false)
		if before, has := seen[dump]; has {
			t.Errorf("after %q the dump is that of %q", step.name, before)
		}
		if dump != civic.Dump(w.state, false) {
			t.Errorf("after %q two dumps of one state differ", step.name)
		}
		seen[dump] = step.name
	}
}
