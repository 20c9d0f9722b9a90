package civic_test

import (
	"testing"

	"samleng/act"
	"samleng/civic"
)

// TestMapMovesInSteps: a map is published when enough ballots came, and says
// nothing that may not be shown.
func TestMapMovesInSteps(t *testing.T) {
	w, ids := newWorld(t)
	d := ids["dialogue"]
	moderator := w.staff(ids["cso"], act.RoleModerator)
	shown, waits := w.view(participant(), d, "one"), w.view(participant(), d, "two")
	w.must(moderator, shown, &act.StatementPublished{}, nil)
	for range 9 {
		w.vote(participant(), d, shown, act.Agree)
	}
	count := func(n int) *int { return &n }
	content := func(change func(*act.OpinionMap)) map[string]any {
		m := &act.OpinionMap{Participants: count(10), Finding: act.FindingOne, Groups: []act.OpinionGroup{{Size: count(10)}},
			Statements: []act.OpinionCounts{{Statement: shown, All: &[3]int{10, 0, 0}, Groups: []*[3]int{{10, 0, 0}}}}}
		if change != nil {
			change(m)
		}
		return map[string]any{"map": m}
	}
	at := func() *act.MapPublished { return &act.MapPublished{At: w.state.Position()} }
	if w.state.MapDue(d) {
		t.Error("a map is due after nine ballots")
	}
	w.refuses(civic.RefusedRelease, civic.System, d, at(), content(nil))
	w.vote(participant(), d, shown, act.Agree)
	if !w.state.MapDue(d) {
		t.Error("no map is due after ten ballots")
	}
	for why, change := range map[string]func(*act.OpinionMap){
		"nine people":                func(m *act.OpinionMap) { m.Participants = count(5) },
		"people not rounded":         func(m *act.OpinionMap) { m.Participants = count(12) },
		"a group of four":            func(m *act.OpinionMap) { m.Groups[0].Size = count(4) },
		"few who are in no group":    func(m *act.OpinionMap) { m.Unplaced = count(5) },
		"votes not rounded":          func(m *act.OpinionMap) { m.Statements[0].All = &[3]int{9, 1, 0} },
		"a group's votes, but a few": func(m *act.OpinionMap) { m.Statements[0].Groups[0] = &[3]int{0, 0, 0} },
		"a view that is not shown":   func(m *act.OpinionMap) { m.Statements[0].Statement = waits },
	} {
		t.Run(why, func(t *testing.T) {
			w.refuses(civic.RefusedReleaseWrong, civic.System, d, at(), content(change))
		})
	}
	w.refuses(civic.RefusedRelease, civic.System, d, &act.MapPublished{At: w.state.Position() + 1}, content(nil))
	id := w.must(civic.System, d, at(), content(nil))
	if maps := w.state.Maps(d); len(maps) != 1 || maps[0].Act != id {
		t.Errorf("published maps: %+v", maps)
	}
	if !w.state.MayRead(civic.Actor{}, civic.SectionRef{Act: id, Name: "map"}) {
		t.Error("a published map may not be read")
	}
	for range 9 {
		w.vote(participant(), d, shown, act.Agree)
	}
	w.refuses(civic.RefusedRelease, civic.System, d, at(), content(nil))
}

// TestFiguresGrow: in a large dialogue the next map waits for a twentieth more
// ballots, and the next tallies for a fiftieth, not for the step alone; once it
// is closed the step is enough.
func TestFiguresGrow(t *testing.T) {
	w, ids := newWorld(t)
	d := ids["dialogue"]
	view := w.view(participant(), d, "one")
	w.must(w.staff(ids["cso"], act.RoleModerator), view, &act.StatementPublished{}, nil)
	cast := func(n int) {
		for range n {
			w.vote(participant(), d, view, act.Agree)
		}
	}
	cast(1000)
	w.must(civic.System, d, &act.MapPublished{At: w.state.Position()}, map[string]any{"map": &act.OpinionMap{Finding: act.FindingFew}})
	w.release(d)
	for _, step := range []struct {
		more          int
		tallies, maps bool
	}{{19, false, false}, {1, true, false}, {29, true, false}, {1, true, true}} {
		if cast(step.more); w.state.ReleaseDue(d) != step.tallies || w.state.MapDue(d) != step.maps {
			t.Errorf("at %d ballots: tallies due %t, a map %t", w.state.Ballots(d), w.state.ReleaseDue(d), w.state.MapDue(d))
		}
	}
	w.must(civic.System, d, &act.MapPublished{At: w.state.Position()}, map[string]any{"map": &act.OpinionMap{Finding: act.FindingFew}})
	w.release(d)
	cast(10)
	if w.state.ReleaseDue(d) || w.state.MapDue(d) {
		t.Error("ten ballots after a thousand make something due")
	}
	w.must(w.staff(ids["cso"], act.RoleFacilitator), d, &act.DialogueClosed{}, nil)
	if !w.state.ReleaseDue(d) || !w.state.MapDue(d) {
		t.Error("the last figures of a closed dialogue are not due")
	}
}
