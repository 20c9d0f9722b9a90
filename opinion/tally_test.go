package opinion

import (
	"slices"
	"testing"
)

func TestCount(t *testing.T) {
	v, err := FromCells(5, 2, []Cell{{0, 0, Agree}, {0, 1, Pass}, {1, 0, Disagree}, {2, 0, Agree}, {3, 1, Agree}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Count(v, []int{0, 1, 0, NoGroup, 1}, 3)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Tally{{Agree: 2, Disagree: 1}, {Agree: 1, Pass: 1}}; !slices.Equal(got.All, want) {
		t.Errorf("all: %+v", got.All)
	}
	if want := []int{2, 2, 0}; !slices.Equal(got.Sizes, want) {
		t.Errorf("sizes: %v", got.Sizes)
	}
	for g, want := range [][]Tally{{{Agree: 2}, {Pass: 1}}, {{Disagree: 1}, {}}, {{}, {}}} {
		if !slices.Equal(got.Groups[g], want) {
			t.Errorf("group %d: %+v", g, got.Groups[g])
		}
	}
	if got.Grouped(1) != (Tally{Pass: 1}) {
		t.Errorf("grouped: %+v", got.Grouped(1))
	}
	if all, err := Count(v, nil, 0); err != nil || !slices.Equal(all.All, got.All) {
		t.Errorf("without groups: %+v, %v", all, err)
	}
	for name, c := range map[string]struct {
		group  []int
		groups int
	}{
		"too few": {[]int{0}, 1}, "none told": {nil, 1}, "beyond": {[]int{0, 1, 0, 0, 0}, 1}, "below": {[]int{-2, 0, 0, 0, 0}, 1}, "of none": {[]int{0, 0, 0, 0, 0}, 0},
	} {
		if _, err := Count(v, c.group, c.groups); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestTallySpread(t *testing.T) {
	for _, c := range []struct {
		t            Tally
		mean, spread float64
	}{{Tally{}, 0, 0}, {Tally{Agree: 7}, 1, 0}, {Tally{Pass: 3}, 0, 0}, {Tally{Agree: 1, Disagree: 1}, 0, 2}, {Tally{Agree: 3, Pass: 1}, .75, .75}} {
		if c.t.Mean() != c.mean || c.t.spread() != c.spread {
			t.Errorf("%+v: %v, %v", c.t, c.t.Mean(), c.t.spread())
		}
	}
}
