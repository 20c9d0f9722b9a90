package opinion

import (
	"cmp"
	"slices"
)

// Representative is a statement that marks a group off from the others, by
// what its people say of it.
type Representative struct {
	Statement int
	// Agree is whether the group is marked by agreeing with it, or by
	// disagreeing.
	Agree bool
	// Count is how many of the group say so, of Votes who voted on it.
	Count, Votes int
	// Success is their share (pa or pd of Statistic), Test how far it lies
	// above a half, Repness the ratio to the share among the other groups, and
	// RepnessTest how far the one lies above the other.
	Success, Test, Repness, RepnessTest float64
	// BestAgree marks the statement that is there because the group agrees
	// most on it. It may still be marked by disagreeing with it, where that
	// sets it apart further (as in Polis).
	BestAgree bool
}

// representatives is how many statements of a group are shown.
const representatives = 5

// Represent chooses the statements that represent a group, at most five, those
// it agrees with first. stats are the group's, a statement each (of
// Tallies.Statistics); hidden statements are left out (it may be nil, or
// shorter). These are Polis's rules (select-rep-comments):
//
//   - a statement passes if the group's share lies significantly above both a
//     half and that of the others, for agreeing or for disagreeing;
//   - it is ranked by ratio · its test · share · its test, in the direction in
//     which the group differs more;
//   - the statement that the group agrees with most comes first whatever
//     passes, and where there is none and none passes, the one that differs
//     most stands alone, be it one on which nobody of the group voted (Votes
//     is 0: of whom nothing is known, Polis supposes that all would agree).
func Represent(stats []Statistic, hidden []bool) []Representative {
	bestAgree, best := -1, -1
	var passed []int
	for s := range stats {
		if isHidden(hidden, s) {
			continue
		}
		at := &stats[s]
		if at.passes() {
			passed = append(passed, s)
		}
		if best < 0 || max(at.AgreeRatioTest, at.DisagreeRatioTest) > max(stats[best].AgreeRatioTest, stats[best].DisagreeRatioTest) {
			best = s
		}
		if bestAgree < 0 && at.mayBeBestAgree() || bestAgree >= 0 && at.agreesMoreThan(&stats[bestAgree]) {
			bestAgree = s
		}
	}
	var chosen []Representative
	if bestAgree >= 0 {
		r := stats[bestAgree].representative(bestAgree)
		r.BestAgree = true
		chosen = append(chosen, r)
	}
	if len(passed) == 0 {
		if bestAgree < 0 && best >= 0 {
			chosen = append(chosen, stats[best].representative(best))
		}
		return chosen
	}
	slices.SortStableFunc(passed, func(a, b int) int {
		return cmp.Compare(stats[b].metric(), stats[a].metric())
	})
	for _, s := range passed {
		if s != bestAgree {
			chosen = append(chosen, stats[s].representative(s))
		}
	}
	chosen = chosen[:min(len(chosen), representatives)]
	slices.SortStableFunc(chosen, func(a, b Representative) int {
		switch {
		case a.Agree == b.Agree:
			return 0
		case a.Agree:
			return -1
		default:
			return 1
		}
	})
	return chosen
}

func isHidden(hidden []bool, statement int) bool {
	return statement < len(hidden) && hidden[statement]
}

// passes reports whether the group is set apart by agreeing or by disagreeing.
func (s *Statistic) passes() bool {
	return s.AgreeRatioTest > significant && s.AgreeTest > significant ||
		s.DisagreeRatioTest > significant && s.DisagreeTest > significant
}

func (s *Statistic) voted() bool { return s.Agree > 0 || s.Disagree > 0 }

// mayBeBestAgree reports whether the statement may stand for what the group
// agrees on, while there is none other.
func (s *Statistic) mayBeBestAgree() bool {
	return s.voted() && (s.AgreeTest > significant || s.AgreeRatio > 1 && s.PAgree > 0.5)
}

// agreesMoreThan reports whether the statement replaces the one that stood for
// what the group agrees on.
func (s *Statistic) agreesMoreThan(current *Statistic) bool {
	if !s.voted() {
		return false
	}
	if current.AgreeRatio > 1 {
		return s.AgreeRatio*s.AgreeRatioTest*s.PAgree*s.AgreeTest >
			current.AgreeRatio*current.AgreeRatioTest*current.PAgree*current.AgreeTest
	}
	return s.PAgree*s.AgreeTest > current.PAgree*current.AgreeTest
}

// representative gives the statistic in the direction in which the group
// differs more.
func (s *Statistic) representative(statement int) Representative {
	if s.AgreeRatioTest > s.DisagreeRatioTest {
		return Representative{
			Statement: statement, Agree: true, Count: s.Agree, Votes: s.Votes,
			Success: s.PAgree, Test: s.AgreeTest, Repness: s.AgreeRatio, RepnessTest: s.AgreeRatioTest,
		}
	}
	return Representative{
		Statement: statement, Count: s.Disagree, Votes: s.Votes,
		Success: s.PDisagree, Test: s.DisagreeTest, Repness: s.DisagreeRatio, RepnessTest: s.DisagreeRatioTest,
	}
}

// metric ranks what passes.
func (s *Statistic) metric() float64 {
	r := s.representative(0)
	return r.Repness * r.RepnessTest * r.Success * r.Test
}
