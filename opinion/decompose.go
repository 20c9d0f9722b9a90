package opinion

import (
	"cmp"
	"math"
	"slices"
)

// decompose gives the eigenvalues of a small symmetric matrix, the largest first,
// and for each its eigenvector, by cyclic rotations in a fixed order. The
// matrix is not changed.
func decompose(matrix [][]float64) (values []float64, vectors [][]float64) {
	n := len(matrix)
	a, v := make([][]float64, n), make([][]float64, n)
	for i := range n {
		a[i] = make([]float64, n)
		for j := range n { // of two that rounding set apart, the mean
			a[i][j] = (matrix[i][j] + matrix[j][i]) / 2
		}
		v[i] = make([]float64, n)
		v[i][i] = 1
	}
	for range 60 {
		off, whole := 0.0, 0.0
		for i := range n {
			for j := range n {
				whole += a[i][j] * a[i][j]
				if i != j {
					off += a[i][j] * a[i][j]
				}
			}
		}
		if off <= 1e-34*whole {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				rotate(a, v, p, q)
			}
		}
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(a[j][j], a[i][i]) })
	for _, i := range order {
		values = append(values, a[i][i])
		vectors = append(vectors, v[i])
	}
	return values, vectors
}

// rotate makes a[p][q] 0 by turning the plane of p and q, in which the rows of
// v turn along.
func rotate(a, v [][]float64, p, q int) {
	apq := a[p][q]
	if math.Abs(apq) <= 1e-18*(math.Abs(a[p][p])+math.Abs(a[q][q])) {
		a[p][q], a[q][p] = 0, 0
		return
	}
	theta := (a[q][q] - a[p][p]) / (2 * apq)
	t := 1 / (math.Abs(theta) + math.Sqrt(float64(theta*theta)+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(float64(t*t)+1)
	s := t * c
	rp, rq := a[p], a[q]
	for i := range rp {
		x, y := rp[i], rq[i]
		rp[i] = float64(c*x) - float64(s*y)
		rq[i] = float64(s*x) + float64(c*y)
	}
	for _, row := range a {
		x, y := row[p], row[q]
		row[p] = float64(c*x) - float64(s*y)
		row[q] = float64(s*x) + float64(c*y)
	}
	vp, vq := v[p], v[q]
	for i := range vp {
		x, y := vp[i], vq[i]
		vp[i] = float64(c*x) - float64(s*y)
		vq[i] = float64(s*x) + float64(c*y)
	}
}
