package opinion

import (
	"cmp"
	"slices"
)

// Placed is the least probability at which somebody counts as placed in a
// group.
const Placed = 0.8

// Grouping is the groups of opinion and who is in which.
type Grouping struct {
	// K is the number of groups: 0 without a vote, 1 where nothing divides.
	K int
	// Reason says why there are no more groups than K.
	Reason Reason
	// Sizes is how many people are most probably in each group, the largest
	// first, and PlacedSizes how many of them are placed there.
	Sizes, PlacedSizes []int
	// Centres are the middles of the groups.
	Centres [][Axes]float64
	// Group is by participant the most probable group, -1 for somebody without
	// a used vote; Probability is how probable it is.
	Group       []int8
	Probability []float32
	// Points are by participant the two leading coordinates, to draw.
	Points [][2]float32
	// PlacedShare is the share of the weight of all people that placed people
	// have.
	PlacedShare float64

	fit *Fit
}

// Reason is why there are not more groups.
type Reason int

// Reasons.
const (
	// NoVotes: nobody voted on a used statement.
	NoVotes Reason = iota
	// TooFew: two groups would not both weigh ten people and 4 % of all.
	TooFew
	// NoStructure: the votes are as they would be if nothing divided people.
	NoStructure
	// NotPlaced: of more groups, too many people could not be placed.
	NotPlaced
	// NotPredictive: more groups do not tell more of votes left out.
	NotPredictive
	// NotStable: of parts of the votes, more groups come out differently.
	NotStable
	// Most: there are as many as are looked for.
	Most
	// Asked: the caller said how many.
	Asked
)

// String is a code for the reason, for outputs that programs read.
func (r Reason) String() string {
	codes := [...]string{"no-votes", "too-few", "no-structure", "not-placed", "not-predictive", "not-stable", "most", "asked"}
	if r < 0 || int(r) >= len(codes) {
		return "unknown"
	}
	return codes[r]
}

const (
	leastPlaced = 0.5  // of the weight, for two groups
	leastTwo    = 0.01 // of the error of the means that two groups take off
	leastMore   = 0.45 // of what two groups take off, for one group more
	mostLoss    = 0.06 // of the placed share, for one group more
)

// FindGroups fits the positions and the groups to the votes on the statements
// that use names, nil for all. How stable they are, and whether their number
// bears resampling, Fit.Stability finds out afterwards.
func FindGroups(v *Votes, use []bool) (*Fit, *Grouping) {
	f := FitPositions(v, use)
	return f, f.Groups(v, 0)
}

// Groups finds k groups, or as many as the path has if those are fewer; 0 lets
// the votes decide. v is the votes of the fit, or these with some more.
func (f *Fit) Groups(v *Votes, k int) *Grouping {
	c := f.cloud(f.model, f.order, f.scale)
	if k > 0 {
		path := c.path(min(k, maxGroups))
		return f.grouping(v, c, path, min(k, max(len(path), min(1, len(c.x)))), Asked)
	}
	path, k, reason := c.choose()
	return f.grouping(v, c, path, k, reason)
}

// choose follows the path for as long as one group more tells clearly more of
// the votes and costs hardly anybody their place.
func (c *cloud) choose() (path []clustering, k int, reason Reason) {
	b := c.body()
	if len(b.x) == 0 {
		return nil, min(1, len(c.x)), TooFew
	}
	path = []clustering{b.lloyd([]point{{}}, 1, fewMove)}
	before, errors := 1.0, []float64{c.error(&path[0])}
	for k = 1; k < maxGroups; k++ {
		next, ok := b.next(&path[k-1], c.least())
		if !ok && k == 1 && c.total >= 2*c.least() {
			return path, k, NoStructure // enough people, and no line between them
		}
		if !ok {
			return path, k, TooFew
		}
		path = append(path, next)
		errors = append(errors, c.error(&next))
		gain, more := gains(errors)
		if k == 1 && gain < leastTwo {
			return path, k, NoStructure
		}
		if k > 1 && more < leastMore {
			return path, k, NotPredictive
		}
		_, _, share := c.labels(next.centres)
		if k == 1 && share < leastPlaced {
			return path, k, NoStructure
		}
		if k > 1 && share < before-mostLoss {
			return path, k, NotPlaced
		}
		before = share
	}
	return path, k, Most
}

// gains is what the last group takes off the error of group means, as a share
// of it, and how much that is of what the second took off.
func gains(errors []float64) (gain, more float64) {
	k := len(errors)
	gain = 1 - errors[k-1]/max(errors[k-2], tiny)
	return gain, gain / max(1-errors[1]/max(errors[0], tiny), tiny)
}

// grouping gives everybody their group.
func (f *Fit) grouping(v *Votes, c *cloud, path []clustering, k int, reason Reason) *Grouping {
	g := &Grouping{K: k, Reason: reason, fit: f,
		Group: make([]int8, v.participants), Probability: make([]float32, v.participants), Points: make([][2]float32, v.participants)}
	for p := range g.Group {
		g.Group[p] = -1
	}
	if k == 0 {
		g.Reason = NoVotes
		return g
	}
	g.Centres = []point{{}}
	if k <= len(path) {
		g.Centres = path[k-1].centres
	}
	planes := borders(g.Centres)
	var prob [maxGroups]float64
	placed := 0.0
	for i, p := range f.order.people {
		g.put(int(p), &c.x[i], &c.cov[i], planes, prob[:k])
		if g.Probability[p] >= Placed {
			placed += c.weight[i]
		}
	}
	g.PlacedShare = placed / max(c.total, tiny)
	if !f.everybody {
		f.stream(v, g, planes)
	}
	g.number()
	return g
}

// put gives one participant their group.
func (g *Grouping) put(p int, x *point, cov *[pairs]float64, borders []border, prob []float64) {
	best := membership(x, cov, borders, prob)
	g.Group[p], g.Probability[p] = int8(best), float32(prob[best])
	g.Points[p] = [2]float32{float32(x[0]), float32(x[1])}
}

// number gives the groups their numbers: the one of most people is 0; of equal
// ones the one further along the first axis, then the second and so on.
func (g *Grouping) number() {
	g.Sizes, g.PlacedSizes = make([]int, g.K), make([]int, g.K)
	sizes, placed := make([]int, g.K), make([]int, g.K)
	for p, k := range g.Group {
		if k >= 0 {
			sizes[k]++
			if g.Probability[p] >= Placed {
				placed[k]++
			}
		}
	}
	old := make([]int, g.K)
	for k := range old {
		old[k] = k
	}
	slices.SortStableFunc(old, func(a, b int) int {
		return cmp.Or(cmp.Compare(sizes[b], sizes[a]), slices.Compare(g.Centres[b][:], g.Centres[a][:]))
	})
	renamed := make([]int8, g.K)
	centres := make([]point, g.K)
	for k, was := range old {
		renamed[was] = int8(k)
		g.Sizes[k], g.PlacedSizes[k], centres[k] = sizes[was], placed[was], g.Centres[was]
	}
	g.Centres = centres
	for p, k := range g.Group {
		if k >= 0 {
			g.Group[p] = renamed[k]
		}
	}
}

// Groups is the groups of the number that the resampling bears out, with its
// reason; v as for Fit.Groups.
func (s *Stability) Groups(v *Votes) *Grouping {
	g := s.fit.Groups(v, max(1, s.K))
	g.Reason = s.Reason
	return g
}
