package opinion

import "math"

// Axes is how many directions a position has; the first two are the ones to
// draw.
const Axes = axes

// Fit is where the votes put statements and people: a variational Bayesian
// principal component analysis of the votes that were cast, and only of those
// (doc/spec-map.md, "Positions"). It does not change once it is made.
type Fit struct {
	use        []bool // by statement: is used and has a vote
	order      *ordered
	model      *model
	looks      []look  // by statement
	rank       []int32 // statement → ordered, -1 for none
	scale      point
	everybody  bool // all people with a vote are in order
	statements int
}

// The model is improved once on an eighth of the people, at least quickLeast of
// them, and once on all. More comes nearer to the optimum of the fit and
// predicts no better (doc/spec-map.md).
const (
	quickShare = 8
	quickLeast = 512
)

// FitPositions fits the model to the votes on the statements that use names;
// nil is all of them. Time and space grow with the number of votes, up to those
// of 131,072 people, who stand for all where there are more.
func FitPositions(v *Votes, use []bool) *Fit { return fitPositions(v, use, sampleMost, false) }

func fitPositions(v *Votes, use []bool, most int, flip bool) *Fit {
	f := &Fit{order: order(v, use, most), statements: v.statements}
	f.model = newModel(f.order, flip)
	f.model.run(f.order)
	f.finish(v)
	return f
}

// run improves the model, on the first people in order, then on all.
func (m *model) run(o *ordered) {
	n := len(o.people)
	if n == 0 {
		return
	}
	quick, count := max(n/quickShare, min(n, quickLeast)), o.count
	if quick < n {
		count = make([][4]int32, len(o.count))
		for _, w := range o.words[:o.start[quick]] {
			count[w>>2][w&3]++
		}
	}
	m.stepPeople(o, quick)
	m.stepStatements(count)
	m.stepPeople(o, n)
	m.stepStatements(o.count)
}

// finish aligns the axes and makes the tables by which anybody is placed.
func (f *Fit) finish(v *Votes) {
	m := f.model
	f.scale = m.align()
	f.use = make([]bool, v.statements)
	f.looks = make([]look, v.statements)
	f.rank = make([]int32, v.statements)
	for s := range f.rank {
		f.rank[s] = -1
	}
	for i, s := range f.order.statements {
		m.looks[i].set(&m.loads[i])
		f.use[s], f.looks[s], f.rank[s] = true, m.looks[i], int32(i)
	}
	m.sums = nil
	voters := 0
	for p := range v.participants {
		for _, w := range v.Row(p) {
			if f.use[w>>2] {
				voters++
				break
			}
		}
	}
	f.everybody = voters == len(f.order.people)
}

// Scale is how far a step of one standard deviation along each axis moves the
// answers: the root mean square over the statements, in votes (0 to 1).
func (f *Fit) Scale() [Axes]float64 { return f.scale }

// Noise is the standard deviation of a vote around what the person's position
// says, in votes.
func (f *Fit) Noise() float64 { return math.Sqrt(f.model.noise) }

// Mean is the model's mean vote on a statement (-1 disagree to 1 agree) and its
// standard deviation. A statement that is not used has mean 0 and deviation 0.
func (f *Fit) Mean(statement int) (mean, deviation float64) {
	if statement < 0 || statement >= len(f.rank) || f.rank[statement] < 0 {
		return 0, 0
	}
	l := &f.model.loads[f.rank[statement]]
	return l.mean, math.Sqrt(l.cov[0])
}

// Weight is by how much the vote on a statement moves with one standard
// deviation along each axis.
func (f *Fit) Weight(statement int) [Axes]float64 {
	if statement < 0 || statement >= len(f.rank) || f.rank[statement] < 0 {
		return [Axes]float64{}
	}
	return f.model.loads[f.rank[statement]].weight
}

// Position is where somebody stands. The distance of two points is the root
// mean square difference of the votes that they would cast on the statements.
type Position struct {
	Point [Axes]float64
	// Covariance is how unsure that is: the lower triangle by rows. Somebody
	// without a vote stands at 0 with the covariance of everybody.
	Covariance [pairs]float64
	// Votes is how many of the row's votes count.
	Votes int
}

// Place gives the position of one row of votes, in any order; votes on
// statements that are not used, or that came later, do not count.
func (f *Fit) Place(row []Word) (p Position) {
	known := row
	for i, w := range row {
		if int(w>>2) < len(f.use) && w&3 != 3 {
			if f.use[w>>2] {
				p.Votes++
			}
			continue
		}
		known = known[:i:i]
		for _, w := range row[i:] {
			if int(w>>2) < len(f.use) && w&3 != 3 {
				known = append(known, w)
				if f.use[w>>2] {
					p.Votes++
				}
			}
		}
		break
	}
	place(known, f.looks, &p.Point, &p.Covariance)
	f.toVotes(&p.Point, &p.Covariance)
	return p
}

// toVotes measures a position in votes.
func (f *Fit) toVotes(x *point, cov *[pairs]float64) {
	k := 0
	for i := range axes {
		x[i] *= f.scale[i]
		for j := 0; j <= i; j++ {
			cov[k] *= f.scale[i] * f.scale[j]
			k++
		}
	}
}

// Predict is the vote to be expected at a position, -1 to 1.
func (f *Fit) Predict(p *Position, statement int) float64 {
	if statement < 0 || statement >= len(f.rank) || f.rank[statement] < 0 {
		return 0
	}
	l := &f.model.loads[f.rank[statement]]
	y := l.mean
	for i := range axes {
		if f.scale[i] > 0 {
			y += float64(l.weight[i] * (p.Point[i] / f.scale[i]))
		}
	}
	return max(-1, min(1, y))
}
