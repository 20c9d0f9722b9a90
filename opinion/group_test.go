package opinion_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"

	"samleng/opinion"
)

// shuffled is a permutation of n that follows from a seed.
func shuffled(n int, seed uint64) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
		j := int(mix(seed+uint64(i)) % uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// relabelled gives participants and statements other numbers and hands the
// votes in in another order: participant p becomes people[p].
func relabelled(t testing.TB, v *opinion.Votes, use []bool, seed uint64) (r *opinion.Votes, rUse []bool, people, statements []int) {
	t.Helper()
	people, statements = shuffled(v.Participants(), seed), shuffled(v.Statements(), seed+1)
	rUse = make([]bool, len(use))
	for s, u := range use {
		rUse[statements[s]] = u
	}
	var cells []opinion.Cell
	for p := range v.Participants() {
		for _, w := range v.Row(p) {
			cells = append(cells, opinion.Cell{Participant: people[p], Statement: statements[w.Statement()], Vote: w.Vote()})
		}
	}
	mixed := make([]opinion.Cell, len(cells))
	for i, j := range shuffled(len(cells), seed+2) {
		mixed[j] = cells[i]
	}
	r, err := opinion.FromCells(v.Participants(), v.Statements(), mixed)
	if err != nil {
		t.Fatal(err)
	}
	return r, rUse, people, statements
}

// sameGroups compares two groupings bit for bit; participant p of a is
// people[p] of b.
func sameGroups(t testing.TB, what string, a, b *opinion.Grouping, people []int) {
	t.Helper()
	if a.K != b.K || a.Reason != b.Reason || !reflect.DeepEqual(a.Sizes, b.Sizes) || !reflect.DeepEqual(a.PlacedSizes, b.PlacedSizes) ||
		!reflect.DeepEqual(a.Centres, b.Centres) || a.PlacedShare != b.PlacedShare {
		t.Errorf("%s: %d groups %v %v (%v) instead of %d %v %v (%v)", what, b.K, b.Sizes, b.PlacedSizes, b.Centres, a.K, a.Sizes, a.PlacedSizes, a.Centres)
	}
	differ := 0
	for p, q := range people {
		if a.Group[p] != b.Group[q] || math.Float32bits(a.Probability[p]) != math.Float32bits(b.Probability[q]) ||
			math.Float32bits(a.Points[p][0]) != math.Float32bits(b.Points[q][0]) || math.Float32bits(a.Points[p][1]) != math.Float32bits(b.Points[q][1]) {
			differ++
		}
	}
	if differ > 0 {
		t.Errorf("%s: %d of %d people have another group, probability or place", what, differ, len(people))
	}
}

// TestGroupsFollowFromVotes: other numbers of people and statements and another
// order of arrival give the same groups byte for byte, and the same stability.
func TestGroupsFollowFromVotes(t *testing.T) {
	for _, name := range evaluated {
		if testing.Short() && name != "vtaiwan.uberx" && name != "brexit-consensus" {
			continue
		}
		v, use := read(t, name)
		f, g := opinion.FindGroups(v, use)
		s, err := f.Stability(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(2) {
			r, rUse, people, statements := relabelled(t, v, use, 77*seed)
			rf, rg := opinion.FindGroups(r, rUse)
			sameGroups(t, fmt.Sprintf("%s relabelled %d", name, seed), g, rg, people)
			for i, j := range statements {
				m, d := f.Mean(i)
				rm, rd := rf.Mean(j)
				if m != rm || d != rd || f.Weight(i) != rf.Weight(j) {
					t.Fatalf("%s: statement %d is at %g ± %g, %v and then at %g ± %g, %v", name, i, m, d, f.Weight(i), rm, rd, rf.Weight(j))
				}
			}
			rs, err := rf.Stability(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			sameGroups(t, name+" settled", s.Groups(v), rs.Groups(r), people)
			if got, want := fmt.Sprintf("%v %v %v %v %v %v", rs.K, rs.Reason, rs.Null, rs.ByK, rs.Kept, rs.KeptBy), fmt.Sprintf("%v %v %v %v %v %v", s.K, s.Reason, s.Null, s.ByK, s.Kept, s.KeptBy); got != want {
				t.Errorf("%s: stability\n%s\nand relabelled\n%s", name, want, got)
			}
		}
	}
}

// planted draws votes of people in k groups: people of a group agree with a
// statement with one probability, 0.15 or 0.85 by group and statement, or with
// 0.5 where split is 0.
func planted(t testing.TB, people, statements, votes, k int, split float64, seed uint64) (v *opinion.Votes, group []int8) {
	t.Helper()
	b, err := opinion.NewBuilder(statements)
	if err != nil {
		t.Fatal(err)
	}
	group = make([]int8, people)
	for p := range people {
		group[p] = int8(p % k)
		var row []opinion.Word
		for s := range statements {
			own := mix(seed ^ uint64(p)<<24 ^ uint64(s)<<1)
			if unit(own) >= float64(votes)/float64(statements) {
				continue
			}
			share := .5 + split
			if mix(seed^uint64(s)*31^uint64(group[p])<<40)&1 == 0 {
				share = .5 - split
			}
			vote := opinion.Disagree
			if x := unit(own + 1); x < share*.9 {
				vote = opinion.Agree
			} else if x < share*.9+.1 {
				vote = opinion.Pass
			}
			row = append(row, opinion.MakeWord(s, vote))
		}
		if err := b.Add(row); err != nil {
			t.Fatal(err)
		}
	}
	return b.Votes(), group
}

func TestPlantedGroupsAreFound(t *testing.T) {
	for _, c := range []struct {
		people, statements, votes, k int
		placed, same                 float64
	}{
		{60, 30, 20, 2, .8, .8}, {300, 60, 20, 2, .8, .95}, {300, 60, 30, 3, .8, .95}, {1000, 100, 30, 4, .8, .95}, {2000, 200, 12, 2, .6, .85},
		{2000, 200, 40, 5, .8, .95},
	} {
		v, group := planted(t, c.people, c.statements, c.votes, c.k, .3, uint64(c.people))
		f, g := opinion.FindGroups(v, nil)
		s, err := f.Stability(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		settled := s.Groups(v)
		placed, right := 0, make([]int8, len(group))
		for p := range group {
			right[p] = -1
			if settled.Probability[p] >= opinion.Placed {
				placed++
				right[p] = group[p]
			}
		}
		if g.K != c.k || settled.K != c.k {
			t.Errorf("%+v: %d groups, %d after resampling (%d)\n%+.3v", c, g.K, settled.K, settled.Reason, s.ByK)
			continue
		}
		if same := opinion.AgreementOf(right, settled.Group); float64(placed) < c.placed*float64(c.people) || same < c.same {
			t.Errorf("%+v: %d placed, agreement %.3f", c, placed, same)
		}
	}
}

// TestNoGroupsInNoise: where votes do not depend on people there is one group,
// on the map at once and after resampling.
func TestNoGroupsInNoise(t *testing.T) {
	for _, c := range []struct{ people, statements, votes int }{
		{30, 20, 15}, {100, 50, 20}, {300, 50, 40}, {1000, 100, 20}, {1000, 100, 60}, {5000, 200, 30},
	} {
		for seed := range uint64(5) {
			v, _ := planted(t, c.people, c.statements, c.votes, 1, .2, seed)
			f, g := opinion.FindGroups(v, nil)
			s, err := f.Stability(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if g.K != 1 || s.K != 1 {
				t.Errorf("%+v: %d groups %v placed %.2f, %d after resampling: leading %.3f, dealt anew %.3f", c, g.K, g.Sizes, g.PlacedShare, s.K, s.Leading, s.Null)
			}
		}
	}
}

// TestNoGroupsWhenDealtAnew: real votes, those on each statement dealt anew
// among its voters, have one group.
func TestNoGroupsWhenDealtAnew(t *testing.T) {
	for _, name := range evaluated {
		if testing.Short() && name != "brexit-consensus" {
			continue
		}
		v, use := read(t, name)
		for seed := range uint64(3) {
			f, g := opinion.FindGroups(dealt(t, v, seed), use)
			s, err := f.Stability(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if g.K != 1 || s.K != 1 {
				t.Errorf("%s: %d groups %v placed %.2f, %d after resampling: leading %.3f, dealt anew %.3f", name, g.K, g.Sizes, g.PlacedShare, s.K, s.Leading, s.Null)
			}
		}
	}
}

// dealt deals the votes on each statement anew among its voters.
func dealt(t testing.TB, v *opinion.Votes, seed uint64) *opinion.Votes {
	t.Helper()
	who, what := make([][]int, v.Statements()), make([][]opinion.Vote, v.Statements())
	for p := range v.Participants() {
		for _, w := range v.Row(p) {
			who[w.Statement()] = append(who[w.Statement()], p)
			what[w.Statement()] = append(what[w.Statement()], w.Vote())
		}
	}
	var cells []opinion.Cell
	for s := range who {
		for i, j := range shuffled(len(who[s]), seed<<20+uint64(s)) {
			cells = append(cells, opinion.Cell{Participant: who[s][i], Statement: s, Vote: what[s][j]})
		}
	}
	d, err := opinion.FromCells(v.Participants(), v.Statements(), cells)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestPlaceOne: one person alone stands where the map has them; a further vote
// moves that person and nobody else, and votes that the model does not know do
// nothing.
func TestPlaceOne(t *testing.T) {
	v, use := read(t, "brexit-consensus")
	f, g := opinion.FindGroups(v, use)
	for p := range v.Participants() {
		pos := f.Place(v.Row(p))
		prob := g.Membership(&pos)
		best := 0
		for k := range prob {
			if prob[k] > prob[best] {
				best = k
			}
		}
		if int8(best) != g.Group[p] || float32(prob[best]) != g.Probability[p] || float32(pos.Point[0]) != g.Points[p][0] {
			t.Fatalf("participant %d: %v at %v, on the map %d %g", p, prob, pos.Point, g.Group[p], g.Probability[p])
		}
		row := append([]opinion.Word{opinion.MakeWord(v.Statements(), opinion.Agree)}, v.Row(p)...)
		row = append(row, opinion.MakeWord(opinion.MaxStatements-1, opinion.Disagree))
		if again := f.Place(row); again != pos {
			t.Fatalf("participant %d: votes on statements unknown to the model move it", p)
		}
	}
	sure, unsure := f.Place(v.Row(0)), f.Place(v.Row(0)[:1])
	if unsure.Votes != 1 || unsure.Covariance[0] <= sure.Covariance[0] {
		t.Errorf("one vote gives variance %g, %d give %g", unsure.Covariance[0], sure.Votes, sure.Covariance[0])
	}
	if nothing := f.Place(nil); nothing.Votes != 0 || nothing.Point != [opinion.Axes]float64{} {
		t.Errorf("nothing gives %v", nothing)
	}
}

// TestPlaceCountsUsedVotes only.
func TestPlaceCountsUsedVotes(t *testing.T) {
	v, _ := planted(t, 200, 30, 30, 2, .3, 1)
	use := make([]bool, 30)
	for s := range use {
		use[s] = s%3 != 0
	}
	f := opinion.FitPositions(v, use)
	var kept []opinion.Word
	for _, w := range v.Row(7) {
		if use[w.Statement()] {
			kept = append(kept, w)
		}
	}
	all, some := f.Place(v.Row(7)), f.Place(kept)
	if all != some || some.Votes != len(kept) || len(kept) == len(v.Row(7)) {
		t.Errorf("%d votes count of %d, %d of which are used", all.Votes, len(v.Row(7)), len(kept))
	}
	if mean, deviation := f.Mean(0); mean != 0 || deviation != 0 {
		t.Errorf("a statement that is not used has mean %g ± %g", mean, deviation)
	}
}

// TestStabilityStops with its context.
func TestStabilityStops(t *testing.T) {
	v, _ := planted(t, 100, 30, 20, 2, .3, 1)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := opinion.FitPositions(v, nil).Stability(ctx); err == nil {
		t.Error("a cancelled resampling gave a result")
	}
}

// TestSymmetricVotesFollowToo: tables full of people and statements that only
// their numbers tell apart give the same groups under other numbers.
func TestSymmetricVotesFollowToo(t *testing.T) {
	for seed := range uint64(200) {
		people, statements := 20+int(mix(seed)%200), 3+int(mix(seed+1000)%20)
		var cells []opinion.Cell
		for p := range people {
			for i := range mix(seed^uint64(p)<<9) % 4 {
				h := mix(seed ^ uint64(p)<<20 ^ i)
				cells = append(cells, opinion.Cell{Participant: p, Statement: int(h % uint64(statements)), Vote: opinion.Vote(h>>40%3) - 1})
			}
		}
		v, err := opinion.FromCells(people, statements, cells)
		if err != nil {
			t.Fatal(err)
		}
		use := make([]bool, statements)
		for s := range use {
			use[s] = s%5 != 4
		}
		f, g := opinion.FindGroups(v, use)
		r, rUse, moved, _ := relabelled(t, v, use, seed)
		rf, rg := opinion.FindGroups(r, rUse)
		sameGroups(t, fmt.Sprint("table ", seed), g, rg, moved)
		sameGroups(t, fmt.Sprint("two groups of table ", seed), f.Groups(v, 2), rf.Groups(r, 2), moved)
	}
}
