package opinion

import "math"

// Explore is the share of the choices that Route should leave to chance alone,
// unless there are reasons for another.
const Explore = 0.1

// Route chooses what to show next to somebody: a statement that open marks, with
// a probability that is partly even and partly in proportion to its priority:
//
//	propensity = explore/n + (1 − explore) · priority/Σ priority
//
// over the n open statements. It returns the statement and its propensity,
// which is to be kept with the vote that follows: with it, a share among those
// who voted can be corrected for who was asked (Σ agree/propensity over
// Σ 1/propensity). Polis's priorities fall to nothing for what is disagreed
// with, so that it is shown less, and what is not shown cannot win anybody over:
// with explore above 0 no propensity is below explore/n, whatever the priority.
//
// A priority that is missing, negative or no number counts as 1. explore is
// from 0 to 1, uniform a number drawn evenly from [0, 1). The statement is −1
// if none is open.
func Route(priorities []float64, open []bool, explore, uniform float64) (statement int, propensity float64) {
	n, sum := 0, 0.0
	for s, is := range open {
		if is {
			n++
			sum += weight(priorities, s)
		}
	}
	if n == 0 {
		return -1, 0
	}
	explore = min(1, max(0, explore))
	if sum == 0 {
		explore = 1
	}
	share := func(s int) float64 {
		even := explore / float64(n)
		if explore == 1 {
			return even
		}
		return even + (1-explore)*(weight(priorities, s)/sum)
	}
	rest, last := uniform, -1
	for s, is := range open {
		if !is {
			continue
		}
		p := share(s)
		if p > 0 {
			last = s
		}
		if rest < p {
			break
		}
		rest -= p
	}
	return last, share(last)
}

// weight is a priority as it counts.
func weight(priorities []float64, s int) float64 {
	if s >= len(priorities) || !(priorities[s] >= 0) || math.IsInf(priorities[s], 1) {
		return 1
	}
	// So large that a sum of them would be beyond numbers: as good as certain.
	return min(priorities[s], 1e300/MaxStatements)
}
