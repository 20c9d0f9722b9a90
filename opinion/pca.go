package opinion

import (
	"math"
	"slices"
)

// PCA is where the statements lie: the principal components of the votes,
// each centred on the mean of its statement; a vote that was not cast counts as
// that mean, that is, as nothing. These are the components that Polis means to
// compute (it fills missing votes with the mean), of every vote, exactly.
//
// It is a function of the votes within Bound: the order of the participants
// changes it by rounding alone, and the same votes in the same order give the
// same bits, however many processors there are.
type PCA struct {
	// Hidden marks the statements that were left out; it may be shorter than
	// the statements.
	Hidden []bool
	// Center has the mean vote of every statement: agree +1, disagree −1; 0
	// where nobody voted and where it is hidden.
	Center []float64
	// Components has for every component the loading of every statement: each
	// of length 1, orthogonal to the others, 0 at hidden statements. The
	// largest loading by magnitude is positive; where several are as large
	// within 1e-9 of it, the first of them is. A component that does not exist
	// (because the votes have fewer dimensions) is all 0.
	Components [][]float64
	// Eigenvalues has for every component the variance of the participants
	// along it: the eigenvalue of Σ yyᵀ/(participants−1), where y is a
	// participant's centred row. 0 where there is no component.
	Eigenvalues []float64
	// Next is the eigenvalue after those, as far as it was approached (from
	// below); after a warm start, what it is at most. Where it is as large as
	// the last one, another component has as good a claim.
	Next float64
	// Total is the variance in all directions together: the sum of all
	// eigenvalues.
	Total float64
	// Passes is how often the votes were read, or the co-vote matrix.
	Passes int
	// Bound is an estimate of how far the components may be off: the largest,
	// over the components, of the residual's length over the distance to the
	// nearest other eigenvalue, a bound on the sine of the angle (Davis and
	// Kahan) if Next has been approached well. At most 1.
	Bound float64

	warm bool // it came from a Start
}

// Settings say how a PCA is computed.
type Settings struct {
	// Components is how many there shall be; 0 stands for 2.
	Components int
	// Hidden marks statements that are left out as if they did not exist, such
	// as those moderated out. It may be shorter than the statements.
	Hidden []bool
	// Tolerance is the Bound at which to stop; 0 stands for 1e-9.
	Tolerance float64
	// MostPasses is where to stop whatever the Bound; 0 stands for 120.
	MostPasses int
	// Start is an earlier result, from where a few new votes are a short way. It
	// is of use only with NextAtMost, what the eigenvalue after those wanted is
	// at most, for certain: without it nothing says that no other component has
	// overtaken those of Start, which may be as exact as ever and yet no longer
	// the first. Where it does not suffice the result is computed from nothing;
	// either way it is the same within Bound.
	Start      *PCA
	NextAtMost float64
	// Progress, unless it is nil, is told after every pass how many there were
	// and the Bound so far.
	Progress func(passes int, bound float64)
}

// NewPCA computes the components straight from the votes, by block Lanczos:
// each pass over the votes multiplies two vectors, and nothing is stored per
// vote.
func NewPCA(v *Votes, s Settings) *PCA {
	var t *stream
	p := newPCA(countAll(v), v.participants, s, func(center []float64) operator {
		t = newStream(v, center)
		return t.multiply
	})
	if t != nil {
		t.close()
	}
	return p
}

// operator sets dst to the co-vote matrix YᵀY times src, for two vectors whose
// elements stand in pairs. Hidden statements are 0 in src and come out as
// anything.
type operator func(dst, src []float64)

// newPCA computes the components of Σ yyᵀ, which is given by its action.
func newPCA(tallies []Tally, participants int, s Settings, matrix func(center []float64) operator) *PCA {
	k := s.Components
	if k <= 0 {
		k = defaultComponents
	}
	p := &PCA{
		Hidden: slices.Clone(s.Hidden), Center: make([]float64, len(tallies)),
		Eigenvalues: make([]float64, k), Components: make([][]float64, k),
	}
	for c := range p.Components {
		p.Components[c] = make([]float64, len(tallies))
	}
	e := lanczos{
		tallies: tallies, hidden: s.Hidden, wanted: k,
		tolerance: s.Tolerance, mostPasses: s.MostPasses, progress: s.Progress,
	}
	if e.tolerance <= 0 {
		e.tolerance = 1e-9
	}
	if e.mostPasses <= 0 {
		e.mostPasses = 120
	}
	for i, t := range tallies {
		if isHidden(s.Hidden, i) {
			continue
		}
		p.Center[i] = t.Mean()
		if spread := t.spread(); spread > 0 {
			e.trace += spread
			e.dimensions++
		}
	}
	if participants < 2 || e.trace == 0 {
		return p
	}
	scale := 1 / float64(participants-1)
	p.Total = e.trace * scale
	if s.Start != nil && s.NextAtMost > 0 {
		e.start, e.limit = s.Start.Components, s.NextAtMost/scale
	}
	e.multiply = matrix(p.Center)
	e.solve()
	p.Passes, p.Bound, p.Next, p.warm = e.passes, e.bound, e.next*scale, e.limit > 0
	for c, vector := range e.vectors {
		p.Eigenvalues[c] = e.values[c] * scale
		canonicalSign(vector)
		p.Components[c] = vector
	}
	return p
}

const defaultComponents = 2

// canonicalSign turns the vector so that its largest element by magnitude is
// positive. Elements within signTie of the largest count as equal to it, and
// the first of them decides: otherwise rounding would.
func canonicalSign(v []float64) {
	largest := 0.0
	for _, x := range v {
		largest = max(largest, math.Abs(x))
	}
	for _, x := range v {
		if math.Abs(x) >= largest*(1-signTie) {
			if x < 0 {
				for i := range v {
					v[i] = -v[i]
				}
			}
			return
		}
	}
}

const signTie = 1e-9

// Extremity gives for every statement how far from the centre somebody would
// be placed who agreed with it and voted on nothing else: √m · |1 − centre| ·
// the length of its loadings on the first two components, m being the number
// of statements with a vote, hidden ones included (as in Polis).
func (p *PCA) Extremity(all []Tally) []float64 {
	scale := math.Sqrt(float64(voted(all)))
	e := make([]float64, len(p.Center))
	for s := range e {
		x, y := p.loadings(s)
		e[s] = scale * math.Abs(1-p.Center[s]) * math.Sqrt(x*x+y*y)
	}
	return e
}

// loadings are a statement's on the first two components.
func (p *PCA) loadings(statement int) (x, y float64) {
	x = p.Components[0][statement]
	if len(p.Components) > 1 {
		y = p.Components[1][statement]
	}
	return x, y
}

// voted is how many statements have a vote.
func voted(all []Tally) int {
	n := 0
	for _, t := range all {
		if t.Votes() > 0 {
			n++
		}
	}
	return n
}
