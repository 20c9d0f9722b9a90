package opinion_test

import (
	"context"
	"math"
	"testing"

	"samleng/opinion"
)

// TestGroupsOfHardlyAnything: no votes, few votes, votes that say nothing.
func TestGroupsOfHardlyAnything(t *testing.T) {
	all := func(people, statements int, vote func(p, s int) opinion.Vote) *opinion.Votes {
		var cells []opinion.Cell
		for p := range people {
			for s := range statements {
				if x := vote(p, s); x <= opinion.Agree {
					cells = append(cells, opinion.Cell{Participant: p, Statement: s, Vote: x})
				}
			}
		}
		v, err := opinion.FromCells(people, statements, cells)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	const none = opinion.Vote(9)
	for _, c := range []struct {
		name   string
		votes  *opinion.Votes
		use    []bool
		k      int
		reason opinion.Reason
	}{
		{"nobody and nothing", all(0, 0, nil), nil, 0, opinion.NoVotes},
		{"nobody", all(0, 3, nil), nil, 0, opinion.NoVotes},
		{"no statement", all(3, 0, nil), nil, 0, opinion.NoVotes},
		{"no vote", all(3, 3, func(p, s int) opinion.Vote { return none }), nil, 0, opinion.NoVotes},
		{"no vote that is used", all(3, 3, func(p, s int) opinion.Vote { return 1 }), []bool{false, false, false}, 0, opinion.NoVotes},
		{"one vote", all(3, 3, func(p, s int) opinion.Vote {
			if p == 1 && s == 1 {
				return 1
			}
			return none
		}), nil, 1, opinion.TooFew},
		{"one voter", all(1, 20, func(p, s int) opinion.Vote { return opinion.Vote(s%3 - 1) }), nil, 1, opinion.TooFew},
		{"two people", all(2, 20, func(p, s int) opinion.Vote { return opinion.Vote(2*p - 1) }), nil, 1, opinion.TooFew},
		{"one statement", all(100, 1, func(p, s int) opinion.Vote { return opinion.Vote(p%2*2 - 1) }), nil, 1, opinion.TooFew},
		{"everybody the same", all(100, 20, func(p, s int) opinion.Vote { return opinion.Vote(s%3 - 1) }), nil, 1, opinion.TooFew},
		{"all agree", all(100, 20, func(p, s int) opinion.Vote { return 1 }), nil, 1, opinion.TooFew},
		{"all passes", all(100, 20, func(p, s int) opinion.Vote { return 0 }), nil, 1, opinion.TooFew},
		{"two camps", all(100, 20, func(p, s int) opinion.Vote { return opinion.Vote((p/3+s)%2*2 - 1) }), nil, 2, opinion.TooFew},
		{"two camps that mirror each other", all(100, 20, func(p, s int) opinion.Vote { return opinion.Vote((p+s)%2*2 - 1) }), nil, 2, opinion.TooFew},
		{"a short list of what is used", all(100, 20, func(p, s int) opinion.Vote { return opinion.Vote((p+s)%2*2 - 1) }), []bool{true}, 1, opinion.TooFew},
	} {
		f, g := opinion.FindGroups(c.votes, c.use)
		s, err := f.Stability(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		settled := s.Groups(c.votes)
		if g.K != c.k || settled.K != c.k {
			t.Errorf("%s: %d groups (%d), settled %d (%d) %v %v", c.name, g.K, g.Reason, settled.K, settled.Reason, s.Leading, s.Null)
		}
		if settled.Reason != c.reason || s.Reason != c.reason {
			t.Errorf("%s: the reason is %v, after resampling %v, not %v", c.name, g.Reason, s.Reason, c.reason)
		}
		finite(t, c.name, f, c.votes, g)
		finite(t, c.name, f, c.votes, settled)
		for k := range 7 {
			finite(t, c.name, f, c.votes, f.Groups(c.votes, k))
		}
	}
}

// finite looks for numbers that are none.
func finite(t *testing.T, name string, f *opinion.Fit, v *opinion.Votes, g *opinion.Grouping) {
	t.Helper()
	sum := f.Noise() + g.PlacedShare
	for s := range v.Statements() {
		mean, deviation := f.Mean(s)
		sum += mean + deviation
		for _, w := range f.Weight(s) {
			sum += w
		}
	}
	people := 0
	for p := range v.Participants() {
		pos := f.Place(v.Row(p))
		sum += float64(g.Probability[p]) + float64(g.Points[p][0]) + float64(g.Points[p][1]) + pos.Covariance[0] + pos.Point[5]
		for _, q := range g.Membership(&pos) {
			sum += q
		}
		if v.Statements() > 0 {
			sum += f.Predict(&pos, 0)
		}
		if (g.Group[p] >= 0) != (pos.Votes > 0 && g.K > 0) || int(g.Group[p]) >= g.K {
			t.Errorf("%s: somebody with %d votes is in group %d of %d", name, pos.Votes, g.Group[p], g.K)
		}
		if g.Group[p] >= 0 {
			people++
		}
	}
	for _, c := range g.Centres {
		for _, x := range c {
			sum += x
		}
	}
	for _, n := range g.Sizes {
		people -= n
	}
	if math.IsNaN(sum) || math.IsInf(sum, 0) || people != 0 {
		t.Errorf("%s: sum %g, %d people in no size", name, sum, people)
	}
}

// FuzzGroups: no votes whatever make a map panic, or give a number that is none.
func FuzzGroups(f *testing.F) {
	f.Add([]byte("\x03\x00\x01\x02\x10\x11\x12"))
	f.Add([]byte{12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 255, 254, 253})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || len(data) > 4096 {
			return
		}
		statements := 1 + int(data[0]%40)
		var cells []opinion.Cell
		people := 0
		for i, b := range data[1:] {
			c := opinion.Cell{Participant: i / 7, Statement: int(b>>2) % statements, Vote: opinion.Vote(b%3) - 1}
			cells, people = append(cells, c), c.Participant+1
		}
		v, err := opinion.FromCells(people, statements, cells)
		if err != nil {
			t.Fatal(err)
		}
		use := make([]bool, statements)
		for s := range use {
			use[s] = data[0]>>(s%8)&1 == 0
		}
		fit, g := opinion.FindGroups(v, use)
		finite(t, "fuzzed", fit, v, g)
		s, err := fit.Stability(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		finite(t, "fuzzed and settled", fit, v, s.Groups(v))
		for k := range 4 {
			finite(t, "fuzzed, so many asked", fit, v, fit.Groups(v, k))
		}
	})
}
