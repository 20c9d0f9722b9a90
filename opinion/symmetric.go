package opinion

import (
	"cmp"
	"math"
	"slices"
)

// diagonalise gives the eigenvalues of a small symmetric matrix, the largest
// first, and for each its eigenvector of length 1. The matrix is not changed.
// It is made tridiagonal by reflections (Householder) and then diagonal by
// implicitly shifted QL steps, as in Golub and Van Loan, Matrix Computations,
// 8.3; that takes a fraction of what cyclic rotations do. (The conversions of
// products keep compilers from fusing them with the addition that follows: every
// machine rounds alike.)
func diagonalise(matrix [][]float64) (values []float64, vectors [][]float64) {
	n := len(matrix)
	a, q := make([][]float64, n), make([][]float64, n)
	for i := range n {
		a[i], q[i] = make([]float64, n), make([]float64, n)
		for j := range n { // of two that rounding set apart, the mean
			a[i][j] = (matrix[i][j] + matrix[j][i]) / 2
		}
		q[i][i] = 1
	}
	off := tridiagonalise(a, q)
	diagonal := make([]float64, n)
	for i := range n {
		diagonal[i] = a[i][i]
	}
	shiftedQL(diagonal, off, q)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(diagonal[j], diagonal[i]) })
	for _, i := range order {
		values = append(values, diagonal[i])
		vectors = append(vectors, q[i])
	}
	return values, vectors
}

// tridiagonalise reflects a until only its diagonal and the elements beside it
// are left, and returns those: off[i] stands between i and i+1. The rows of q
// turn along: they are the new axes in terms of the old.
func tridiagonalise(a, q [][]float64) (off []float64) {
	n := len(a)
	off = make([]float64, n)
	v, w := make([]float64, n), make([]float64, n)
	for k := 0; k+1 < n; k++ {
		norm := 0.0
		for i := k + 1; i < n; i++ {
			v[i] = a[i][k]
			norm += float64(v[i] * v[i])
		}
		norm = math.Sqrt(norm)
		if norm == 0 {
			continue
		}
		// v is to be turned onto the first axis, away from where it points.
		turned := -math.Copysign(norm, v[k+1])
		off[k] = turned
		if k+2 == n && v[k+1] == 0 {
			continue
		}
		v[k+1] -= turned
		squared := 0.0
		for i := k + 1; i < n; i++ {
			squared += float64(v[i] * v[i])
		}
		beta := 2 / squared
		reflect(a, v, w, k+1, beta)
		for c := range n { // the rows of q from k+1 on
			sum := 0.0
			for i := k + 1; i < n; i++ {
				sum += float64(v[i] * q[i][c])
			}
			sum *= beta
			for i := k + 1; i < n; i++ {
				q[i][c] -= float64(sum * v[i])
			}
		}
	}
	return off
}

// reflect makes a, of the rows and columns from first on, H a H with
// H = 1 − beta·v·vᵀ.
func reflect(a [][]float64, v, w []float64, first int, beta float64) {
	n := len(a)
	vw := 0.0
	for i := first; i < n; i++ {
		sum := 0.0
		for j := first; j < n; j++ {
			sum += float64(a[i][j] * v[j])
		}
		w[i] = beta * sum
		vw += float64(v[i] * w[i])
	}
	half := beta * vw / 2
	for i := first; i < n; i++ {
		w[i] -= float64(half * v[i])
	}
	for i := first; i < n; i++ {
		for j := first; j < n; j++ {
			a[i][j] -= float64(v[i]*w[j]) + float64(w[i]*v[j])
		}
	}
}

// shiftedQL makes the tridiagonal matrix diagonal; the rows of q turn along.
func shiftedQL(d, e []float64, q [][]float64) {
	n := len(d)
	for l := range n {
		for range 60 {
			// The first element beside the diagonal that is as good as 0.
			m := l
			for ; m+1 < n; m++ {
				if around := math.Abs(d[m]) + math.Abs(d[m+1]); around+math.Abs(e[m]) == around {
					break
				}
			}
			if m == l {
				break
			}
			g := (d[l+1] - d[l]) / (2 * e[l])
			r := math.Sqrt(float64(g*g) + 1)
			g = d[m] - d[l] + e[l]/(g+math.Copysign(r, g))
			s, c, p := 1.0, 1.0, 0.0
			i := m - 1
			for ; i >= l; i-- {
				f, b := s*e[i], c*e[i]
				r = math.Sqrt(float64(f*f) + float64(g*g))
				e[i+1] = r
				if r == 0 { // split here
					d[i+1] -= p
					e[m] = 0
					break
				}
				s, c = f/r, g/r
				g = d[i+1] - p
				r = float64((d[i]-g)*s) + float64(2*c*b)
				p = s * r
				d[i+1] = g + p
				g = float64(c*r) - b
				low, high := q[i], q[i+1]
				for k := range low {
					x, y := low[k], high[k]
					high[k] = float64(s*x) + float64(c*y)
					low[k] = float64(c*x) - float64(s*y)
				}
			}
			if r == 0 && i >= l {
				continue
			}
			d[l] -= p
			e[l] = g
			e[m] = 0
		}
	}
}
