package opinion

import "math"

// drift bounds how far the eigenvalues of YᵀY can have moved since the
// components were last computed from nothing: by no more than the spectral norm
// of what was added to it (Weyl). So it can be told without computing anything
// whether another component may have come to the front.
type drift struct {
	first, last, after float64 // eigenvalues then: of those wanted, and the one after
	moved              float64
}

func driftFrom(p *PCA, participants int) drift {
	scale := float64(participants - 1)
	return drift{first: p.Eigenvalues[0] * scale, last: p.Eigenvalues[len(p.Eigenvalues)-1] * scale, after: p.Next * scale}
}

// next is what the eigenvalue after those wanted is at most, as a PCA of so
// many participants scales it; 0 if that leaves less than half of the distance
// that there was, so that beginning from nothing is as short a way.
func (d *drift) next(participants int) float64 {
	if d.moved >= (d.last-d.after)/2 || participants < 2 {
		return 0
	}
	return (d.after + d.moved) / float64(participants-1)
}

// add takes in a new vote; row has the others of who casts it, all the tallies
// before it.
func (d *drift) add(row []Word, w Word, all []Tally) {
	before := all[w.Statement()]
	d.entry(row, float64(w.Vote())-before.Mean(), all)
	d.mean(before, before.plus(tallyOf(w)))
}

// remove takes in that the vote w of the row goes.
func (d *drift) remove(row []Word, w Word, all []Tally) {
	before := all[w.Statement()]
	d.entry(row, float64(w.Vote())-before.Mean(), all)
	d.mean(before, before.minus(tallyOf(w)))
}

// change takes in that the vote from of the row becomes to.
func (d *drift) change(row []Word, from, to Word, all []Tally) {
	before := all[to.Statement()]
	d.entry(row, float64(to.Vote()-from.Vote()), all)
	d.mean(before, before.minus(tallyOf(from)).plus(tallyOf(to)))
}

// entry moves one entry of the participant's centred row y by δ: y yᵀ changes
// by at most 2|δ||y| + δ².
func (d *drift) entry(row []Word, delta float64, all []Tally) {
	squared := 0.0
	for _, w := range row {
		y := float64(w.Vote()) - all[w.Statement()].Mean()
		squared += y * y
	}
	delta = math.Abs(delta)
	d.moved += 2*delta*math.Sqrt(squared) + delta*delta
}

// mean moves the mean of a statement, and so every entry of its column: Y
// changes by |Δμ|·√n, and YᵀY by at most 2|Y| times that and its square.
func (d *drift) mean(before, after Tally) {
	n := float64(max(before.Votes(), after.Votes()))
	column := math.Abs(after.Mean()-before.Mean()) * math.Sqrt(n)
	d.moved += 2*math.Sqrt(d.first+d.moved)*column + column*column
}
