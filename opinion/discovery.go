package opinion

import (
	"cmp"
	"math"
	"slices"
)

// Discoveries says what lists that are picked from many tests are worth. A
// test is one group's stand to one statement on which somebody of it voted.
//
// The tests are of people who were put into groups by the same votes, so that
// even Firm says too much: it bounds the share of false finds only as if the
// groups had been given beforehand.
type Discoveries struct {
	// Tests is how many pairs of group and statement were tested.
	Tests int
	// Found is how many of them pass the rule by which representative
	// statements are picked.
	Found int
	// ByChance is how many would pass at most, on average, if no group differed
	// from the others in anything: a tenth of the tests for agreeing and a
	// tenth for disagreeing.
	ByChance float64
	// Firm is how many remain where on average at most a tenth of what is kept
	// is there by chance (Benjamini and Hochberg 1995).
	Firm int
	// IsFirm has for every group, for every statement whether it is one of
	// them.
	IsFirm [][]bool
}

// falseShare is the share of false finds that firm discoveries allow.
const falseShare = 0.1

// Discover weighs the tests of all groups together. stats are of
// Tallies.Statistics; hidden statements are left out.
//
// A pair's p-value: the rule wants the share above a half and above the
// others', so that the larger of the two p-values counts; there are two
// directions, so that the better one is doubled.
func Discover(stats [][]Statistic, hidden []bool) Discoveries {
	var d Discoveries
	type place struct{ group, statement int }
	var places []place
	var ps []float64
	for g := range stats {
		d.IsFirm = append(d.IsFirm, make([]bool, len(stats[g])))
		for s := range stats[g] {
			at := &stats[g][s]
			if isHidden(hidden, s) || at.Votes == 0 {
				continue
			}
			if at.passes() {
				d.Found++
			}
			agree := upperTail(min(at.AgreeTest, at.AgreeRatioTest))
			disagree := upperTail(min(at.DisagreeTest, at.DisagreeRatioTest))
			places = append(places, place{g, s})
			ps = append(ps, min(1, 2*min(agree, disagree)))
		}
	}
	d.Tests = len(ps)
	d.ByChance = 2 * upperTail(significant) * float64(d.Tests)
	for i, firm := range BenjaminiHochberg(ps, falseShare) {
		if firm {
			d.Firm++
			d.IsFirm[places[i].group][places[i].statement] = true
		}
	}
	return d
}

// upperTail is the probability that a standard normal variable exceeds z.
func upperTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// BenjaminiHochberg says which of the p-values to keep so that on average at
// most the share q of what is kept is there by chance: the k smallest, for the
// largest k whose k-th smallest is at most q·k/n. (JRSS B 57, 1995; for tests
// that are independent or positively dependent.)
func BenjaminiHochberg(p []float64, q float64) []bool {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	keep := make([]bool, len(p))
	for k := len(order); k > 0; k-- {
		if p[order[k-1]] <= q*float64(k)/float64(len(p)) {
			for _, i := range order[:k] {
				keep[i] = true
			}
			break
		}
	}
	return keep
}
