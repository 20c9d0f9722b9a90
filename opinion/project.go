package opinion

import "math"

// Scaling says how a participant's position makes up for the statements they
// did not vote on.
type Scaling int

const (
	// Unscaled leaves the sum as it is: who votes little stands near the centre.
	Unscaled Scaling = iota
	// Scaled stretches by √(m/n), with m the statements that have a vote and n
	// those the participant voted on, both without the hidden ones.
	Scaled
	// ScaledAsPolis does what Polis does: hidden statements count in m, and in
	// n as if everybody had voted on them, so that the amount of what was
	// moderated out changes every position.
	ScaledAsPolis
)

// Project gives every participant's position on the first two components:
// Σ (vote − centre)·loading over the statements they voted on, scaled.
func Project(v *Votes, p *PCA, how Scaling) [][2]float64 {
	return project(v, p, how, countAll(v))
}

// project does so given the tallies of the votes.
func project(v *Votes, p *PCA, how Scaling, all []Tally) [][2]float64 {
	points := make([][2]float64, v.participants)
	j := newProjector(v, p, how, all)
	j.project(points)
	spare.Put(j.table)
	return points
}

// projector holds what one position needs.
type projector struct {
	votes *Votes
	table *table
	// uncounted are the statements whose votes do not count in the scale, nil if
	// all do; extra is added to the count of everybody.
	uncounted []bool
	extra     int
	scale     []float64 // by the count; nil for none
}

func newProjector(v *Votes, p *PCA, how Scaling, all []Tally) *projector {
	j := &projector{votes: v, table: spare.Get().(*table)}
	m := min(v.statements, len(p.Center))
	j.table.fill(p.Center[:m], p.loadings)
	clear(j.table[m<<2 : v.statements<<2]) // what the components do not know says nothing
	if how != Unscaled {
		j.stretch(all, p, how)
	}
	return j
}

// stretch sets the scale; all are the tallies of the votes.
func (j *projector) stretch(all []Tally, p *PCA, how Scaling) {
	statements, left := 0, 0
	uncounted := make([]bool, len(all))
	for s, t := range all {
		switch {
		case t.Votes() == 0:
		case s >= len(p.Center) || isHidden(p.Hidden, s):
			uncounted[s] = true
			left++
		default:
			statements++
		}
	}
	if left > 0 {
		j.uncounted = uncounted
	}
	if how == ScaledAsPolis {
		statements += left
		j.extra = left
	}
	j.scale = make([]float64, statements+1)
	for n := range j.scale {
		j.scale[n] = math.Sqrt(float64(statements) / float64(max(n, 1)))
	}
}

// project fills in all positions.
func (j *projector) project(points [][2]float64) {
	parallel(len(j.votes.chunks), func(_, i int) {
		c := &j.votes.chunks[i]
		for r := 1; r < len(c.start); r++ {
			points[i*chunkRows+r-1] = j.position(c.words[c.start[r-1]:c.start[r]])
		}
	})
}

// position is where a row of votes stands.
func (j *projector) position(row []Word) [2]float64 {
	x, y := j.table.sum(row)
	if j.scale == nil {
		return [2]float64{x, y}
	}
	n := len(row)
	if j.uncounted != nil {
		for _, w := range row {
			if j.uncounted[w.Statement()] {
				n--
			}
		}
	}
	scale := j.scale[n+j.extra]
	return [2]float64{x * scale, y * scale}
}
