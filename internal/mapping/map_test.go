package mapping

import (
	"maps"
	"testing"

	"samleng/opinion"
)

// TestPlaceKeeps: who did not react again stays where the map before placed
// them, who did is placed by what they say now, and all as if placed anew.
func TestPlaceKeeps(t *testing.T) {
	votes, err := opinion.Synthetic(300, 40, 20, 3)
	if err != nil {
		t.Fatal(err)
	}
	live, err := opinion.LiveOf(votes)
	if err != nil {
		t.Fatal(err)
	}
	fit, groups := opinion.FindGroups(votes, nil)
	if groups.K < 2 {
		t.Fatalf("%d groups", groups.K)
	}
	first := &Map{State: live.Refresh(), Position: 10, Groups: groups, Grouped: 5, fit: fit}
	first.place(map[int]int64{1: 4, 2: 8, 3: 9}, nil)
	if _, has := first.moved[1]; has || len(first.moved) != 2 {
		t.Fatalf("placed: %+v", first.moved)
	}
	for s := range votes.Statements() {
		if err := live.Vote(3, s, opinion.Vote(1-2*(s%2))); err != nil {
			t.Fatal(err)
		}
	}
	rows := map[int]int64{1: 4, 2: 8, 3: 12, 4: 11}
	later := &Map{State: live.Refresh(), Position: 12, Groups: groups, Grouped: 5, fit: fit}
	later.place(rows, first)
	anew := &Map{State: later.State, Position: 12, Groups: groups, Grouped: 5, fit: fit}
	anew.place(rows, nil)
	if !maps.Equal(later.moved, anew.moved) || len(later.moved) != 3 {
		t.Errorf("kept %+v, anew %+v", later.moved, anew.moved)
	}
	if later.Member(3) == first.Member(3) || later.Member(2) != first.Member(2) {
		t.Errorf("who reacted again stands at %+v, who did not at %+v", later.Member(3), later.Member(2))
	}
	if later.Member(1).Group != int(groups.Group[1]) || later.Member(1000).Group != -1 {
		t.Errorf("who did not react is in %d, nobody in %d", later.Member(1).Group, later.Member(1000).Group)
	}
	// Other groups place everybody anew.
	other := *fit
	regrouped := &Map{State: later.State, Position: 12, Groups: groups, Grouped: 8, fit: &other}
	regrouped.place(rows, later)
	if len(regrouped.moved) != 2 {
		t.Errorf("after groups were found again: %+v", regrouped.moved)
	}
}
