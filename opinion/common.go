package opinion

import (
	"cmp"
	"slices"
)

// CommonLeast is the share that has to agree in every group for a statement to
// be common ground, and UnsureMost the widest interval (at 95 %) of a share of
// which something is said at all.
const (
	CommonLeast = 0.6
	UnsureMost  = 0.3
)

// Ground is how a statement stands between the groups.
type Ground struct {
	Statement int
	// Bound is what Common and Divided order by: the lower end of the interval
	// of the group that holds it least; or the gap between the intervals of the
	// two groups that are furthest apart.
	Bound float64
}

// Common lists the statements with which every group surely agrees, and those
// with which every group surely disagrees: at 95 % the lower end of each group's
// share lies at CommonLeast or above. A group of which nobody voted on a
// statement holds it up: nothing is sure of it. With no groups the participants
// are one. The surest stand first, of equals the earlier statement; hidden
// statements are left out.
//
// Unlike Polis's consensus the smallest group counts as much as the largest, and
// unlike the product of the shares (GroupConsensus) it does not fall with the
// number of groups, nor rise where few were asked.
func (t *Tallies) Common(hidden []bool) (agree, disagree []Ground) {
	for s := range t.All {
		if s < len(hidden) && hidden[s] {
			continue
		}
		a, d := 1.0, 1.0
		for _, tally := range t.parts(s) {
			a, d = min(a, tally.AgreeShare().Low), min(d, tally.DisagreeShare().Low)
		}
		if a >= CommonLeast {
			agree = append(agree, Ground{s, a})
		}
		if d >= CommonLeast {
			disagree = append(disagree, Ground{s, d})
		}
	}
	surestFirst(agree)
	surestFirst(disagree)
	return agree, disagree
}

// Divided lists the statements on which two groups surely differ: the intervals
// of the shares that agree, at 95 %, do not touch. Those furthest apart stand
// first, of equals the earlier statement; hidden statements are left out.
func (t *Tallies) Divided(hidden []bool) []Ground {
	var divided []Ground
	for s := range t.All {
		if s < len(hidden) && hidden[s] || len(t.Groups) < 2 {
			continue
		}
		highest, lowest := 0.0, 1.0
		for _, tally := range t.parts(s) {
			share := tally.AgreeShare()
			highest, lowest = max(highest, share.Low), min(lowest, share.High)
		}
		if highest > lowest {
			divided = append(divided, Ground{s, highest - lowest})
		}
	}
	surestFirst(divided)
	return divided
}

// Unsure reports whether too few voted to say what people think of it: the
// interval of the share that agrees is wider than UnsureMost.
func (t Tally) Unsure() bool {
	share := t.AgreeShare()
	return share.High-share.Low > UnsureMost
}

// parts are the tallies of a statement by group, or of all where there are none.
func (t *Tallies) parts(s int) []Tally {
	if len(t.Groups) == 0 {
		return t.All[s : s+1]
	}
	parts := make([]Tally, len(t.Groups))
	for g := range t.Groups {
		parts[g] = t.Groups[g][s]
	}
	return parts
}

func surestFirst(list []Ground) {
	slices.SortStableFunc(list, func(a, b Ground) int {
		return cmp.Or(cmp.Compare(b.Bound, a.Bound), cmp.Compare(a.Statement, b.Statement))
	})
}
