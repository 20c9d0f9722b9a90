package opinion

import (
	"cmp"
	"math"
	"slices"
)

// Consensus is a statement on which everybody together agrees, or disagrees.
type Consensus struct {
	Statement int
	// Count is how many say so, of Votes who voted on it.
	Count, Votes int
	// Success is their share, (count+1)/(votes+2), and Test the standard
	// deviations that it lies above a half.
	Success, Test float64
}

// consensusLength is how many statements of consensus are shown a direction.
const consensusLength = 5

// FindConsensus lists what most of those who voted agree with, and what most
// disagree with, at most five each, the strongest first. all are the tallies of
// everybody, in a group or not; hidden statements are left out. These are
// Polis's rules (select-consensus-comments): a share above a half,
// significantly so; ranked by share · test; of equals the earlier statement
// first. (Its report speaks of 60 %; its code does not, nor does this.)
func FindConsensus(all []Tally, hidden []bool) (agree, disagree []Consensus) {
	for s, t := range all {
		if isHidden(hidden, s) {
			continue
		}
		agree = appendConsensus(agree, s, t.Agree, t.Votes())
		disagree = appendConsensus(disagree, s, t.Disagree, t.Votes())
	}
	return strongest(agree), strongest(disagree)
}

func appendConsensus(list []Consensus, statement, count, votes int) []Consensus {
	c := Consensus{statement, count, votes, share(count, votes), aboveHalf(count, votes)}
	if c.Success > 0.5 && c.Test > significant {
		list = append(list, c)
	}
	return list
}

func strongest(list []Consensus) []Consensus {
	slices.SortStableFunc(list, func(a, b Consensus) int {
		return cmp.Compare(b.Success*b.Test, a.Success*a.Test)
	})
	return slices.Clip(list[:min(len(list), consensusLength)])
}

// MetaPriority is the priority of a statement about the dialogue itself.
const MetaPriority = 49

// Priority says how much is to be learnt from showing the statement to one
// more: Polis's formula ((1−p)·a·(1+e)·(1+8·2^(−S/5)))², where p and a are the
// shares of passes and agreement, (n+1)/(S+2), S the votes and e the
// statement's extremity. grouped is its tally among those who are in a group.
func Priority(grouped Tally, extremity float64) float64 {
	s := grouped.Votes()
	pass, agree := share(grouped.Pass, s), share(grouped.Agree, s)
	p := (1 - pass) * agree * (1 + extremity) * (1 + 8*math.Exp2(-float64(s)/5))
	return p * p
}
