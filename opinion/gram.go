package opinion

import "fmt"

// MaxGramStatements is how many statements a Gram can have: at that many it
// takes 270 MB.
const MaxGramStatements = 1 << 12

// Gram keeps, for every two statements, sums over the people who voted on both:
// whole numbers, so that no vote ever has to be read again, whatever is added,
// changed or withdrawn, and in whatever order. From them follow the co-votes
// about any centre, and from those the principal components, exactly.
//
// It takes 16 bytes a pair of statements, and as much again once a PCA was
// computed. Up to 2^30 people may vote on a statement.
type Gram struct {
	tallies []Tally
	// pairs of statements j < l stand at l(l−1)/2 + j, so that a new statement
	// is appended.
	pairs []pair
	// centred has the co-votes about the means, statements × statements, as of
	// the last PCA; those of stale statements are to be computed again.
	centred []float64
	stale   []bool
}

// pair is about the people who voted on both statements j < l. With codes
// 0, 1, 2 for disagree, pass, agree, first holds Σ code_j·code_l in its lower
// and Σ code_j in its upper half, second Σ code_l in its lower and their number
// in its upper: no half ever is below 0, so that none borrows from another, and
// a vote costs two additions.
type pair struct{ first, second uint64 }

// NewGram makes one for so many statements, at most MaxGramStatements, with no
// votes.
func NewGram(statements int) (*Gram, error) {
	g := &Gram{}
	if err := g.Grow(statements); err != nil {
		return nil, err
	}
	return g, nil
}

// GramOf makes one of the votes that there are.
func GramOf(v *Votes) (*Gram, error) {
	g, err := NewGram(v.statements)
	if err != nil {
		return nil, err
	}
	g.tallies = countAll(v)
	// Whole numbers may be added by several and then together; where that
	// would take much memory, one adds alone.
	parts := [][]pair{g.pairs}
	if v.statements <= MaxGramStatements/4 {
		parts = make([][]pair, workers(len(v.chunks)))
		parts[0] = g.pairs
	}
	each := (len(v.chunks) + len(parts) - 1) / len(parts)
	parallel(len(parts), func(_, i int) {
		if parts[i] == nil {
			parts[i] = make([]pair, len(g.pairs))
		}
		for c := i * each; c < min(len(v.chunks), (i+1)*each); c++ {
			v.chunks[c].addPairs(parts[i])
		}
	})
	for _, part := range parts[1:] {
		for i, p := range part {
			g.pairs[i].first += p.first
			g.pairs[i].second += p.second
		}
	}
	return g, nil
}

// Statements is how many it has.
func (g *Gram) Statements() int { return len(g.tallies) }

// Grow makes room for so many statements.
func (g *Gram) Grow(statements int) error {
	if statements < 0 || statements > MaxGramStatements {
		return fmt.Errorf("co-votes of %d statements: at most %d", statements, MaxGramStatements)
	}
	more := statements - len(g.tallies)
	if more <= 0 {
		return nil
	}
	g.tallies = append(g.tallies, make([]Tally, more)...)
	g.pairs = append(g.pairs, make([]pair, statements*(statements-1)/2-len(g.pairs))...)
	g.centred, g.stale = nil, nil
	return nil
}

// addPairs adds the pairs of every row of the chunk.
func (c *chunk) addPairs(pairs []pair) {
	for r := 1; r < len(c.start); r++ {
		row := c.words[c.start[r-1]:c.start[r]]
		for i, w := range row {
			l := w.Statement()
			at := pairs[l*(l-1)/2 : l*(l+1)/2]
			second := uint64(w&3) | 1<<32
			for _, u := range row[:i] {
				p := &at[u>>2]
				// code_j times second is code_j·code_l below and code_j above.
				p.first += uint64(u&3) * second
				p.second += second
			}
		}
	}
}

// Add adds somebody's vote; row is how they vote on all other statements.
func (g *Gram) Add(row []Word, w Word) { g.change(row, w, 1) }

// Remove takes somebody's vote away again; row is how they vote on all other
// statements.
func (g *Gram) Remove(row []Word, w Word) { g.change(row, w, ^uint64(0)) }

// change adds sign (1, or −1 in two's complement) times what the vote brings.
// A word of row about the vote's own statement is passed over.
func (g *Gram) change(row []Word, w Word, sign uint64) {
	s := w.Statement()
	if sign == 1 {
		g.tallies[s] = g.tallies[s].plus(tallyOf(w))
	} else {
		g.tallies[s] = g.tallies[s].minus(tallyOf(w))
	}
	if g.stale != nil {
		g.stale[s] = true
	}
	for _, u := range row {
		j, l := u, w
		if j.Statement() == l.Statement() {
			continue
		}
		if j.Statement() > l.Statement() {
			j, l = l, j
		}
		p := &g.pairs[l.Statement()*(l.Statement()-1)/2+j.Statement()]
		second := uint64(l&3) | 1<<32
		p.first += sign * uint64(j&3) * second
		p.second += sign * second
	}
}

// Pair gives, over the people who voted on both statements, Σ x_j·x_l, Σ x_j,
// Σ x_l and their number, with x the votes, agree +1 and disagree −1.
func (g *Gram) Pair(j, l int) (product, first, second, both int) {
	if j == l {
		t := g.tallies[j]
		return t.Agree + t.Disagree, t.Agree - t.Disagree, t.Agree - t.Disagree, t.Votes()
	}
	if j > l {
		product, second, first, both = g.Pair(l, j)
		return product, first, second, both
	}
	p := g.pairs[l*(l-1)/2+j]
	codes, a, b, n := int(uint32(p.first)), int(p.first>>32), int(uint32(p.second)), int(p.second>>32)
	return codes - a - b + n, a - n, b - n, n
}

// center brings the co-votes about the means up to date: a vote changes the
// mean of its statement, and so that statement's row and column, and nothing
// else.
func (g *Gram) center(means []float64) {
	m := len(g.tallies)
	if g.centred == nil {
		g.centred, g.stale = make([]float64, m*m), make([]bool, m)
		for s := range g.stale {
			g.stale[s] = true
		}
	}
	parallel(m, func(_, j int) {
		row := g.centred[j*m : (j+1)*m]
		for l := range row {
			if g.stale[j] || g.stale[l] {
				row[l] = g.about(j, l, means)
			}
		}
	})
	clear(g.stale)
}

// about gives Σ (x_j − μ_j)(x_l − μ_l) over those who voted on both.
func (g *Gram) about(j, l int, means []float64) float64 {
	if j == l {
		return g.tallies[j].spread()
	}
	if j > l { // the same operations in the same order for both halves
		j, l = l, j
	}
	product, first, second, both := g.Pair(j, l)
	a, b := means[j], means[l]
	return float64(product) - float64(b*float64(first)) - float64(a*float64(second)) + float64(float64(a*b)*float64(both))
}

// PCA computes the components as NewPCA does, of the votes of so many
// participants. It must not run beside Add, Remove or another PCA.
func (g *Gram) PCA(participants int, s Settings) *PCA {
	return newPCA(g.tallies, participants, s, func([]float64) operator {
		// The means of hidden statements too: a mask may change without a vote.
		means := make([]float64, len(g.tallies))
		for i, t := range g.tallies {
			means[i] = t.Mean()
		}
		g.center(means)
		return g.multiply
	})
}

// multiply sets dst to the co-votes about the means times src; two vectors,
// their elements in pairs.
func (g *Gram) multiply(dst, src []float64) {
	m := len(g.tallies)
	const rows = 64
	parallel((m+rows-1)/rows, func(_, i int) {
		for j := i * rows; j < min(m, (i+1)*rows); j++ {
			dst[2*j], dst[2*j+1] = product(g.centred[j*m:(j+1)*m], src)
		}
	})
}

// product is a row times two vectors, their elements in pairs, in a fixed
// order.
func product(row, src []float64) (x, y float64) {
	var x0, y0, x1, y1 float64
	src = src[:2*len(row)]
	i := 0
	for ; i+2 <= len(row); i += 2 {
		a, b := row[i], row[i+1]
		v := src[2*i : 2*i+4 : 2*i+4]
		x0 += float64(a * v[0])
		y0 += float64(a * v[1])
		x1 += float64(b * v[2])
		y1 += float64(b * v[3])
	}
	if i < len(row) {
		x0 += float64(row[i] * src[2*i])
		y0 += float64(row[i] * src[2*i+1])
	}
	return x0 + x1, y0 + y1
}
