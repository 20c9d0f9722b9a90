package opinion

import "math"

// nearestVotes is how many reactions count in full. People react alike to views
// that belong together, so that many reactions are worth fewer independent ones:
// beyond this many, their evidence is averaged.
const nearestVotes = 12

// Nearest says how near somebody's votes come to each group's, from nothing but
// the groups' tallies (groups × statements) and their own row: the probability
// of each group, all groups being as likely beforehand. compared is how many of
// their votes were on statements of which every group has a tally; with none the
// groups are equally near.
//
// It is Bayes' rule with each group's votes on a statement drawn to even shares,
// (n+1)/(N+3), independent but for the tempering above. Unlike Fit.Place it needs
// nothing that is not published, so that everybody can compute it for themselves.
func Nearest(groups [][]Tally, row []Word) (probability []float64, compared int) {
	probability = make([]float64, len(groups))
	for _, w := range row {
		s := w.Statement()
		if !allVoted(groups, s) {
			continue
		}
		compared++
		for g := range groups {
			t := groups[g][s]
			n := [3]int{t.Disagree, t.Pass, t.Agree}[w.Vote()+1]
			probability[g] += math.Log(float64(n+1) / float64(t.Votes()+3))
		}
	}
	temper := min(1, nearestVotes/float64(max(compared, 1)))
	highest := math.Inf(-1)
	for _, l := range probability {
		highest = max(highest, l)
	}
	sum := 0.0
	for g, l := range probability {
		probability[g] = math.Exp(float64(temper * (l - highest)))
		sum += probability[g]
	}
	for g := range probability {
		probability[g] /= sum
	}
	return probability, compared
}

func allVoted(groups [][]Tally, s int) bool {
	for _, g := range groups {
		if s >= len(g) || g[s].Votes() == 0 {
			return false
		}
	}
	return len(groups) > 0
}
