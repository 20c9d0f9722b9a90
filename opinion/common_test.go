package opinion

import (
	"slices"
	"testing"
)

func TestCommonGround(t *testing.T) {
	// Rows: statement; columns: group.
	groups := [][]Tally{
		{{Agree: 90, Disagree: 5, Pass: 5}, {Agree: 80, Pass: 20}, {Agree: 95, Disagree: 5}, {Disagree: 40}, {Agree: 3}, {Agree: 60, Disagree: 40}},
		{{Agree: 28, Disagree: 2}, {Agree: 10, Disagree: 20}, {}, {Disagree: 30, Pass: 1}, {Agree: 2}, {Agree: 14, Disagree: 16}},
	}
	all := make([]Tally, len(groups[0]))
	for s := range all {
		all[s] = groups[0][s].plus(groups[1][s])
	}
	tallies := &Tallies{All: all, Groups: groups}
	agree, disagree := tallies.Common(nil)
	divided := tallies.Divided(nil)
	list := func(ground []Ground) (ids []int) {
		for _, g := range ground {
			ids = append(ids, g.Statement)
		}
		return ids
	}
	if got := list(agree); !slices.Equal(got, []int{0}) {
		t.Errorf("common ground: %v", got)
	}
	if got := list(disagree); !slices.Equal(got, []int{3}) {
		t.Errorf("what all disagree with: %v", got)
	}
	if got := list(divided); !slices.Equal(got, []int{1}) {
		t.Errorf("what divides: %v", got)
	}
	if agree, disagree = tallies.Common([]bool{0: true, 3: true}); len(agree)+len(disagree) != 0 {
		t.Error("a hidden statement is common ground")
	}
	if got := tallies.Divided([]bool{1: true}); len(got) != 0 {
		t.Error("a hidden statement divides")
	}
	if !all[4].Unsure() || all[0].Unsure() || !(Tally{}).Unsure() {
		t.Error("what is unsure")
	}
	alone := &Tallies{All: all}
	if agree, _ := alone.Common(nil); !slices.Equal(list(agree), []int{2, 0, 1}) {
		t.Errorf("common ground of one group: %v", list(agree))
	}
	if len(alone.Divided(nil)) != 0 {
		t.Error("one group is divided")
	}
}
