package opinion

import "math"

// Statistic says how the people of one group stand to one statement, and how
// that differs from everybody else who is in a group. The formulas are Polis's
// (math/src/polismath/math/repness.clj and stats.clj; names there in
// brackets), for any groups whatever.
type Statistic struct {
	// Agree, Disagree and Votes are how many of the group agree (na), disagree
	// (nd), and voted, passes included (ns).
	Agree, Disagree, Votes int
	// PAgree (pa) and PDisagree (pd) are the shares of the votes, drawn to a
	// half by one vote for and one against: (n+1)/(votes+2).
	PAgree, PDisagree float64
	// AgreeTest (pat) and DisagreeTest (pdt) are the standard deviations that
	// the share lies above a half.
	AgreeTest, DisagreeTest float64
	// AgreeRatio (ra) and DisagreeRatio (rd) are PAgree and PDisagree over the
	// same of the other groups together.
	AgreeRatio, DisagreeRatio float64
	// AgreeRatioTest (rat) and DisagreeRatioTest (rdt) are the standard
	// deviations that the group's share lies above that of the other groups
	// together. Where nobody else voted on the statement, the other share
	// counts as 1 (as in Polis), so that nothing is above it.
	AgreeRatioTest, DisagreeRatioTest float64
}

// significant is the standard deviations beyond which a share counts as above
// another: one-sided, nine tenths, as in Polis. There is no correction for the
// number of tests in it: see Discoveries.
const significant = 1.2816

// NewStatistic compares a group's tally of a statement with that of the other
// groups together.
func NewStatistic(in, rest Tally) Statistic {
	s := Statistic{Agree: in.Agree, Disagree: in.Disagree, Votes: in.Votes()}
	n, others := in.Votes(), rest.Votes()
	s.PAgree, s.PDisagree = share(in.Agree, n), share(in.Disagree, n)
	s.AgreeTest, s.DisagreeTest = aboveHalf(in.Agree, n), aboveHalf(in.Disagree, n)
	s.AgreeRatio = s.PAgree / share(rest.Agree, others)
	s.DisagreeRatio = s.PDisagree / share(rest.Disagree, others)
	s.AgreeRatioTest = above(in.Agree, n, rest.Agree, others)
	s.DisagreeRatioTest = above(in.Disagree, n, rest.Disagree, others)
	return s
}

// share is n of so many, drawn to a half by one vote for and one against.
func share(n, of int) float64 { return float64(n+1) / float64(of+2) }

// aboveHalf is the standard deviations by which n of so many lies above a half.
func aboveHalf(n, of int) float64 {
	trials := float64(of + 1)
	return 2 * math.Sqrt(trials) * (float64(n+1)/trials - 0.5)
}

// above is the standard deviations by which the first share lies above the
// second (pooled test of two proportions).
func above(n, of, m, ofOthers int) float64 {
	n1, n2 := float64(of+1), float64(ofOthers+1)
	p1, p2 := float64(n+1)/n1, float64(m+1)/n2
	pooled := float64(n+1+m+1) / (n1 + n2)
	if pooled == 1 {
		return 0
	}
	return (p1 - p2) / math.Sqrt(pooled*(1-pooled)*(1/n1+1/n2))
}

// Statistics gives for every group a Statistic a statement.
func (t *Tallies) Statistics() [][]Statistic {
	stats := make([][]Statistic, len(t.Groups))
	for g := range t.Groups {
		stats[g] = make([]Statistic, len(t.All))
	}
	for s := range t.All {
		all := t.Grouped(s)
		for g := range t.Groups {
			in := t.Groups[g][s]
			stats[g][s] = NewStatistic(in, all.minus(in))
		}
	}
	return stats
}

// GroupInformedConsensus gives for every statement Π (agree+1)/(votes+2) over
// the groups: near 1 only where all of them agree. It is Polis's
// group-aware-consensus. It falls with the number of groups, and takes a small
// group as seriously as a large one. Without groups it is 1.
func (t *Tallies) GroupInformedConsensus() []float64 {
	consensus := make([]float64, len(t.All))
	for s := range consensus {
		consensus[s] = 1
		for _, group := range t.Groups {
			consensus[s] *= share(group[s].Agree, group[s].Votes())
		}
	}
	return consensus
}
