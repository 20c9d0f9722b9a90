package opinion

import (
	"math"
	"slices"
)

// lanczos finds the leading eigenvectors of a positive semidefinite matrix that
// is known by what it does to two vectors at once: block Lanczos that keeps its
// whole history, orthogonalised anew against all of it, so that the small
// problem is H = Qᵀ A Q (Rayleigh and Ritz). Every operation is in a fixed
// order.
type lanczos struct {
	multiply   operator
	tallies    []Tally
	hidden     []bool
	wanted     int
	dimensions int     // of the statements that vary: no more eigenvalues than these
	trace      float64 // the sum of all eigenvalues
	tolerance  float64
	mostPasses int
	start      [][]float64
	limit      float64 // with start: what the next eigenvalue is at most; else 0
	progress   func(passes int, bound float64)

	// basis is Q, orthonormal, and images A Q; small is H.
	basis, images [][]float64
	small         [][]float64
	drawn         uint64 // how many vectors were drawn

	passes  int
	bound   float64
	next    float64
	values  []float64
	vectors [][]float64
}

const (
	// negligible is the share of the trace below which an eigenvalue counts as
	// none: it is what rounding makes.
	negligible = 1e-12
	// exhausted is the residual, over the largest eigenvalue, that more passes
	// would not make smaller.
	exhausted = 1e-13
	// history is how many vectors are kept before they are condensed to the
	// leading ones, keep beyond those that are wanted.
	history = 48
	keep    = 10
)

// solve iterates until the bound holds, and leaves the result.
func (e *lanczos) solve() {
	block := e.first()
	for {
		added := e.extend(block)
		values, combination := diagonalise(e.small)
		if e.limit > 0 && !e.leads(values) {
			e.forget()
			block = e.first()
			continue
		}
		enough := e.judge(values, combination)
		if e.progress != nil {
			e.progress(e.passes, e.bound)
		}
		if enough || e.passes >= e.mostPasses {
			return
		}
		// The next block: the images of this one, as far as they point out of
		// what there is. All that is left over of the wanted vectors points
		// there too, so that the history may be condensed without losing it.
		block = nil
		for _, image := range e.images[len(e.images)-added:] {
			if v := slices.Clone(image); e.orthonormalise(v, block) {
				block = append(block, v)
			}
		}
		for len(block) < max(2, e.wanted) && len(e.basis)+len(block) < e.dimensions {
			v := e.draw()
			if !e.orthonormalise(v, block) {
				break
			}
			block = append(block, v)
		}
		if len(e.basis) >= history {
			e.condense(values, combination)
		}
		if len(block) == 0 {
			return
		}
	}
}

// first gives the block to start with: the earlier result, made whole by
// vectors that follow from the tallies, and from the numbers of the statements
// (without which two statements that are mirror images of each other would
// never come apart).
func (e *lanczos) first() [][]float64 {
	var block [][]float64
	for _, from := range e.start {
		if len(block) == e.wanted || len(from) > len(e.tallies) {
			break
		}
		v := make([]float64, len(e.tallies))
		copy(v, from)
		e.mask(v)
		if e.orthonormalise(v, block) {
			block = append(block, v)
		}
	}
	if len(block) < e.wanted {
		e.limit = 0
	}
	for tries := 0; len(block) < max(2, e.wanted) && len(block) < e.dimensions && tries < 8; tries++ {
		if v := e.draw(); e.orthonormalise(v, block) {
			block = append(block, v)
		}
	}
	return block
}

// draw makes a vector by hashing, the same for the same votes.
func (e *lanczos) draw() []float64 {
	v := make([]float64, len(e.tallies))
	for s, t := range e.tallies {
		h := mix(e.drawn ^ mix(uint64(t.Agree)^mix(uint64(t.Disagree)^mix(uint64(t.Pass)))))
		if e.drawn%2 == 1 {
			h = mix(h ^ uint64(s))
		}
		v[s] = float64(int64(h)>>10) / (1 << 53)
	}
	e.drawn++
	e.mask(v)
	return v
}

// mask sets what has no place in the matrix to 0.
func (e *lanczos) mask(v []float64) {
	for s := range v {
		if isHidden(e.hidden, s) || e.tallies[s].spread() == 0 {
			v[s] = 0
		}
	}
}

// extend multiplies the block and adds it to what there is; it returns how many
// vectors were added.
func (e *lanczos) extend(block [][]float64) int {
	m := len(e.tallies)
	src, dst := make([]float64, 2*m), make([]float64, 2*m)
	for i := 0; i < len(block); i += 2 {
		pair := block[i:min(i+2, len(block))]
		clear(src)
		for j, v := range pair {
			for s, x := range v {
				src[2*s+j] = x
			}
		}
		e.multiply(dst, src)
		e.passes++
		for j, v := range pair {
			image := make([]float64, m)
			for s := range image {
				image[s] = dst[2*s+j]
			}
			e.mask(image)
			e.append(v, image)
		}
	}
	return len(block)
}

// append adds a vector with its image, and their products to the small matrix.
func (e *lanczos) append(v, image []float64) {
	e.basis = append(e.basis, v)
	e.images = append(e.images, image)
	n := len(e.basis)
	row := make([]float64, n)
	for i := range n {
		row[i] = dot(e.basis[i], image)
	}
	for i := range e.small {
		e.small[i] = append(e.small[i], row[i])
	}
	e.small = append(e.small, row)
}

// leads reports whether what came from the start are the leading eigenvectors:
// no other eigenvalue is beyond the limit.
func (e *lanczos) leads(values []float64) bool {
	return len(values) >= e.wanted && values[e.wanted-1] > e.limit
}

// forget begins from nothing.
func (e *lanczos) forget() {
	e.start, e.limit = nil, 0
	e.basis, e.images, e.small = nil, nil, nil
}

// judge reports whether what there is suffices, and if so, or if it is the last
// pass, leaves it as the result.
func (e *lanczos) judge(values []float64, combination [][]float64) bool {
	least := negligible * e.trace
	rest := e.trace
	for _, value := range values {
		rest -= value
	}
	complete := rest <= least || len(values) >= e.dimensions
	have := 0
	for have < min(e.wanted, len(values)) && values[have] > least {
		have++
	}
	e.next = 0
	if len(values) > have {
		e.next = max(0, values[have])
	}
	e.next = max(e.next, e.limit)
	known := complete || have == e.wanted && (len(values) > have || e.limit > 0)

	e.values, e.vectors, e.bound = values[:have:have], e.vectors[:0], 0
	largest := 0.0
	for i := range have {
		vector, residual := e.ritz(values[i], combination[i])
		gap := math.Inf(1)
		if i > 0 {
			gap = values[i-1] - values[i]
		}
		below := e.next
		if i+1 < have {
			below = values[i+1]
		}
		gap = min(gap, values[i]-below)
		largest = max(largest, residual)
		if residual > 0 {
			e.bound = max(e.bound, min(1, residual/gap))
		}
		e.vectors = append(e.vectors, vector)
	}
	if !known {
		e.bound = 1
		return false
	}
	return have < e.wanted && complete || e.bound <= e.tolerance || have > 0 && largest <= exhausted*values[0]
}

// ritz gives the vector of a column of coefficients, and the length of what
// the matrix makes of it beyond value times itself.
func (e *lanczos) ritz(value float64, column []float64) (vector []float64, residual float64) {
	vector = combine(e.basis, column)
	image := combine(e.images, column)
	for s := range image {
		image[s] -= float64(value * vector[s])
	}
	return vector, math.Sqrt(dot(image, image))
}

func combine(vectors [][]float64, column []float64) []float64 {
	sum := make([]float64, len(vectors[0]))
	for i, v := range vectors {
		c := column[i]
		for s, x := range v {
			sum[s] += float64(c * x)
		}
	}
	return sum
}

// condense keeps the leading vectors of the history only.
func (e *lanczos) condense(values []float64, combination [][]float64) {
	n := min(len(values), e.wanted+keep)
	basis, images := make([][]float64, n), make([][]float64, n)
	small := make([][]float64, n)
	for i := range n {
		basis[i] = combine(e.basis, combination[i])
		images[i] = combine(e.images, combination[i])
		small[i] = make([]float64, n)
		small[i][i] = values[i]
	}
	e.basis, e.images, e.small = basis, images, small
}

// orthonormalise makes v orthogonal to the basis and to the block, and of
// length 1; it reports whether anything of it was left.
func (e *lanczos) orthonormalise(v []float64, block [][]float64) bool {
	before := math.Sqrt(dot(v, v))
	if before == 0 {
		return false
	}
	whole := before
	for range 4 {
		for _, q := range e.basis {
			takeOut(v, dot(q, v), q)
		}
		for _, q := range block {
			takeOut(v, dot(q, v), q)
		}
		after := math.Sqrt(dot(v, v))
		if after <= 1e-15*whole {
			return false
		}
		if after > 0.5*before {
			break
		}
		before = after
	}
	norm := math.Sqrt(dot(v, v))
	for s := range v {
		v[s] /= norm
	}
	return true
}

func takeOut(v []float64, c float64, q []float64) {
	for s, x := range q {
		v[s] -= float64(c * x)
	}
}

// dot adds the products in a fixed order, in four sums.
func dot(a, b []float64) float64 {
	var s0, s1, s2, s3 float64
	b = b[:len(a)]
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+1] * b[i+1])
		s2 += float64(a[i+2] * b[i+2])
		s3 += float64(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}
