package web

import (
	"math"
	"slices"
	"testing"

	"samleng/act"
)

func TestSurelyAgree(t *testing.T) {
	for _, c := range []struct {
		agree, disagree, pass int
		want                  float64
	}{
		// Computed from the formula elsewhere; n of n is n/(n+z²).
		{10, 0, 0, 0.722467},
		{185, 40, 25, 0.682286},
		{195, 30, 25, 0.724627},
		{0, 10, 0, 0},
		{1, 0, 0, 0.206543},
	} {
		got := newTally(c.agree, c.disagree, c.pass).surelyAgree()
		if math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%d of %d: %.6f, want %.6f", c.agree, c.agree+c.disagree+c.pass, got, c.want)
		}
	}
}

// TestMostAgreedOrder holds both lists to one order: by what a tally makes sure
// of, and by id where that is the same.
func TestMostAgreedOrder(t *testing.T) {
	id := func(n byte) act.ID { return act.ID{n} }
	tallies := map[act.ID]*tallyView{
		id(1): newTally(185, 40, 25), // 0.682
		id(2): newTally(10, 0, 0),    // 0.722: 10 of 10 make less sure than 195 of 250, more than 185
		id(3): newTally(195, 30, 25), // 0.725
		id(4): newTally(10, 0, 0),
	}
	want := []act.ID{id(3), id(2), id(4), id(1)}
	agreed, _ := standOut(tallies)
	if !slices.Equal(agreed, want[:agreedMost]) {
		t.Errorf("on the dialogue's page: %v", agreed)
	}
	list := []candidate{{id: id(9), index: 1}, {id: id(4), index: 6}, {id: id(1), index: 5}, {id: id(2), index: 4}, {id: id(3), index: 3}, {id: id(8), index: 2}}
	arrange(list, "agreed", tallies)
	for i, wanted := range append(want, id(8), id(9)) { // without figures: newest first
		if list[i].id != wanted {
			t.Errorf("in the list, at %d: %v", i, list[i].id)
		}
	}
}
