package mapping

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"samleng/act"
	"samleng/disclosure"
	"samleng/opinion"
)

// found is what was computed from the votes of a dialogue at a position.
type found struct {
	position   int64
	votes      *opinion.Votes
	statements []act.ID // of the columns
	hidden     []bool
	groups     *opinion.Grouping
	stability  *opinion.Stability // nil where nothing was resampled
}

// placed gives the group of everybody whom the map places, opinion.NoGroup for
// the others.
func (f *found) placed() []int {
	group := make([]int, len(f.groups.Group))
	for p, g := range f.groups.Group {
		group[p] = opinion.NoGroup
		if g >= 0 && f.groups.Probability[p] >= opinion.Placed {
			group[p] = int(g)
		}
	}
	return group
}

// Content makes what is published of it: counts of people by the rule, lists
// from the exact counts.
func (f *found) content(rule disclosure.Rule, exact bool) (*act.OpinionMap, error) {
	group := f.placed()
	tallies, err := opinion.Count(f.votes, group, f.groups.K)
	if err != nil {
		return nil, err
	}
	voted, unplaced := 0, 0
	for p, g := range f.groups.Group {
		if g >= 0 {
			if voted++; group[p] == opinion.NoGroup {
				unplaced++
			}
		}
	}
	m := &act.OpinionMap{Participants: rule.Count(voted, exact), Finding: act.FindingFew}
	if m.Participants == nil || voted == 0 {
		return m, nil
	}
	switch {
	case f.groups.K > 1:
		m.Finding = act.FindingGroups
	case f.groups.Reason != opinion.TooFew || f.enough():
		m.Finding = act.FindingOne
	}
	m.Unplaced = rule.Count(unplaced, exact)
	shown := f.rows(m, tallies, rule, exact)
	f.lists(m, tallies, shown)
	for g := range f.groups.K {
		m.Groups = append(m.Groups, f.group(g, group, tallies, shown, rule, exact))
	}
	if f.groups.K > 1 {
		m.Stable = f.stable()
	}
	return m, nil
}

// With so many people who reacted to so many statements, or to all that there
// are, groups would show if there were any: that there are none is a finding.
// Where everybody says the same no other measure tells many people from few.
const (
	enoughPeople = 20
	enoughVotes  = 7
)

func (f *found) enough() bool {
	open := 0
	for s := range f.statements {
		if !f.hides(s) {
			open++
		}
	}
	people := 0
	for p := range f.votes.Participants() {
		n := 0
		for _, w := range f.votes.Row(p) {
			if !f.hides(w.Statement()) {
				n++
			}
		}
		if n > 0 && n >= min(enoughVotes, open) {
			people++
		}
	}
	return people >= enoughPeople
}

// rows fills in the figures of each statement, and gives the statements that
// have some, by column.
func (f *found) rows(m *act.OpinionMap, tallies *opinion.Tallies, rule disclosure.Rule, exact bool) map[int]bool {
	var columns []int
	for s, all := range tallies.All {
		if !f.hides(s) && all.Votes() > 0 && (exact || all.Votes() >= rule.Threshold) {
			columns = append(columns, s)
		}
	}
	if len(columns) > act.MostMapped {
		slices.SortStableFunc(columns, func(a, b int) int {
			return cmp.Or(cmp.Compare(tallies.All[b].Votes(), tallies.All[a].Votes()), bytes.Compare(f.statements[a][:], f.statements[b][:]))
		})
		columns = columns[:act.MostMapped]
	}
	shown := map[int]bool{}
	for _, s := range columns {
		shown[s] = true
		row := act.OpinionCounts{Statement: f.statements[s], All: three(rule.Parts(parts(tallies.All[s]), exact))}
		groups := make([][]int, f.groups.K)
		for g := range groups {
			groups[g] = parts(tallies.Groups[g][s])
		}
		in := tallies.Grouped(s)
		rest := opinion.Tally{Agree: tallies.All[s].Agree - in.Agree, Disagree: tallies.All[s].Disagree - in.Disagree, Pass: tallies.All[s].Pass - in.Pass}
		for _, counts := range rule.Table(groups, parts(rest), exact) {
			row.Groups = append(row.Groups, three(counts))
		}
		m.Statements = append(m.Statements, row)
	}
	slices.SortFunc(m.Statements, func(a, b act.OpinionCounts) int { return bytes.Compare(a.Statement[:], b.Statement[:]) })
	return shown
}

func (f *found) hides(statement int) bool {
	return statement < len(f.hidden) && f.hidden[statement]
}

func parts(t opinion.Tally) []int { return []int{t.Agree, t.Disagree, t.Pass} }

func three(counts []*int) *[3]int {
	if len(counts) != 3 || counts[0] == nil {
		return nil
	}
	return &[3]int{*counts[0], *counts[1], *counts[2]}
}

// lists fills in what unites and what divides.
func (f *found) lists(m *act.OpinionMap, tallies *opinion.Tallies, shown map[int]bool) {
	ids := func(ground []opinion.Ground) (list []act.ID) {
		for _, g := range ground {
			if shown[g.Statement] {
				list = append(list, f.statements[g.Statement])
			}
		}
		return list
	}
	agree, disagree := tallies.Common(f.hidden)
	m.Agree, m.Disagree, m.Divide = ids(agree), ids(disagree), ids(tallies.Divided(f.hidden))
}

// group draws a group and says what sets it apart.
func (f *found) group(g int, group []int, tallies *opinion.Tallies, shown map[int]bool, rule disclosure.Rule, exact bool) act.OpinionGroup {
	drawn := act.OpinionGroup{Size: rule.Count(tallies.Sizes[g], exact)}
	var n, x, y, xx, yy float64
	for p, of := range group {
		if of == g {
			a, b := float64(f.groups.Points[p][0]), float64(f.groups.Points[p][1])
			n, x, y, xx, yy = n+1, x+a, y+b, xx+a*a, yy+b*b
		}
	}
	if n > 0 {
		drawn.Centre = [2]int{thousandths(x / n), thousandths(y / n)}
		drawn.Spread = [2]int{thousandths(deviation(n, x, xx)), thousandths(deviation(n, y, yy))}
	}
	if f.groups.K < 2 {
		return drawn
	}
	for _, r := range opinion.Represent(tallies.Statistics()[g], f.hidden) {
		vote := act.Disagree
		if r.Agree {
			vote = act.Agree
		}
		if shown[r.Statement] {
			drawn.Holds = append(drawn.Holds, act.Held{Statement: f.statements[r.Statement], Vote: vote})
		}
	}
	return drawn
}

func deviation(n, sum, squares float64) float64 {
	return math.Sqrt(max(0, squares/n-(sum/n)*(sum/n)))
}

func thousandths(x float64) int {
	if math.IsNaN(x) {
		return 0
	}
	return int(math.Round(1000 * max(-1000, min(1000, x))))
}

// stable says how sure the groups are.
func (f *found) stable() act.Stability {
	s := f.stability
	if s == nil || f.groups.K-2 >= len(s.ByK) {
		return act.Stability{}
	}
	k := s.ByK[f.groups.K-2]
	return act.Stability{Resamples: k.Parts, People: thousandths(k.People), Votes: thousandths(k.Votes), Placed: thousandths(k.Agreement)}
}
