package opinion_test

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"samleng/opinion"
)

func TestSyntheticIsVotes(t *testing.T) {
	for _, c := range []struct{ people, statements, each int }{
		{0, 0, 0}, {5, 0, 0}, {100, 1, 1}, {100, 64, 64}, {100, 65, 64}, {100, 200, 150}, {40_000, 100, 10},
	} {
		v, err := opinion.Synthetic(c.people, c.statements, c.each, 3)
		if err != nil {
			t.Fatal(err)
		}
		if v.Participants() != c.people || v.Statements() != c.statements || v.Len() != c.people*c.each {
			t.Fatalf("%+v: %d × %d with %d votes", c, v.Participants(), v.Statements(), v.Len())
		}
		// The rows are such as a Builder takes.
		b, err := opinion.NewBuilder(c.statements)
		if err != nil {
			t.Fatal(err)
		}
		for p := range c.people {
			if row := v.Row(p); len(row) != c.each || b.Add(row) != nil {
				t.Fatalf("%+v: row %d: %v", c, p, row)
			}
		}
	}
	for _, c := range []struct{ people, statements, each int }{
		{-1, 1, 1}, {1, -1, 0}, {1, opinion.MaxStatements + 1, 1}, {1, 5, 6}, {1, 5, -1}, {math.MaxInt, 5, 5},
	} {
		if _, err := opinion.Synthetic(c.people, c.statements, c.each, 3); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

// TestSyntheticIsPlanted: the seed decides all, passes are 15 %, statements are
// seen alike, and people of one group agree more with each other.
func TestSyntheticIsPlanted(t *testing.T) {
	const people, statements, each = 40_000, 100, 20
	v, err := opinion.Synthetic(people, statements, each, 11)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	again, err := opinion.Synthetic(people+20_000, statements, each, 11)
	if err != nil {
		t.Fatal(err)
	}
	other, err := opinion.Synthetic(people, statements, each, 12)
	if err != nil {
		t.Fatal(err)
	}
	group := make([]int, people)
	same := 0
	for p := range people {
		group[p] = opinion.SyntheticGroup(p, 11)
		if !slices.Equal(v.Row(p), again.Row(p)) {
			t.Fatalf("row %d is another on one processor, or with more people", p)
		}
		if slices.Equal(v.Row(p), other.Row(p)) {
			same++
		}
	}
	if same > 10 {
		t.Errorf("%d rows are the same with another seed", same)
	}
	all := tallies(t, v, group, 4)
	for g, want := range []float64{6. / 16, 5. / 16, 3. / 16, 2. / 16} {
		if far(float64(all.Sizes[g])/people, want, .01) {
			t.Errorf("group %d has %d people", g, all.Sizes[g])
		}
	}
	apart := 0.0
	for s, tally := range all.All {
		if far(float64(tally.Votes()), people*each/statements, 5*math.Sqrt(people*each/statements)) {
			t.Errorf("statement %d has %d votes", s, tally.Votes())
		}
		if far(float64(tally.Pass)/float64(tally.Votes()), .15, .03) {
			t.Errorf("statement %d has %d passes of %d", s, tally.Pass, tally.Votes())
		}
		apart += math.Abs(all.Groups[0][s].Mean() - all.Groups[1][s].Mean())
	}
	if apart/statements < .2 {
		t.Errorf("the two largest groups differ by %v on average", apart/statements)
	}
}
