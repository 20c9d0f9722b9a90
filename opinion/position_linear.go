package opinion

import "math"

// Small symmetric matrices are kept packed: the lower triangle by rows, element
// (i, j), j <= i, at i(i+1)/2 + j. Products are converted before they are added,
// so that no compiler fuses them and every machine computes the same bits.

func at(i, j int) int {
	if j > i {
		i, j = j, i
	}
	return i*(i+1)/2 + j
}

// invert replaces the packed positive definite n × n matrix by its inverse.
func invert(a []float64, n int) {
	for i := range n { // a = L L', with 1/diagonal kept
		for j := 0; j <= i; j++ {
			sum := a[i*(i+1)/2+j]
			for k := range j {
				sum -= float64(a[i*(i+1)/2+k] * a[j*(j+1)/2+k])
			}
			if i == j {
				a[i*(i+1)/2+i] = 1 / math.Sqrt(max(sum, tiny))
			} else {
				a[i*(i+1)/2+j] = sum * a[j*(j+1)/2+j]
			}
		}
	}
	for j := range n { // L becomes its inverse
		for i := j + 1; i < n; i++ {
			sum := 0.0
			for k := j; k < i; k++ {
				sum += float64(a[i*(i+1)/2+k] * a[k*(k+1)/2+j])
			}
			a[i*(i+1)/2+j] = -sum * a[i*(i+1)/2+i]
		}
	}
	for i := range n { // L⁻ᵀ L⁻¹
		for j := 0; j <= i; j++ {
			sum := 0.0
			for k := i; k < n; k++ {
				sum += float64(a[k*(k+1)/2+i] * a[k*(k+1)/2+j])
			}
			a[i*(i+1)/2+j] = sum
		}
	}
}

// tiny keeps rounding from making a pivot zero or less.
const tiny = 1e-12

// invertAxes replaces a packed positive definite matrix by its inverse: it is
// L D L' with ones on the diagonal of L; r is the inverse of D, m of L. The
// loops are written out, for it runs once a person and step.
func invertAxes(a *[pairs]float64) {
	r0 := 1 / max(a[0], tiny)
	u10 := a[1]
	l10 := u10 * r0
	u20 := a[3]
	l20 := u20 * r0
	u30 := a[6]
	l30 := u30 * r0
	u40 := a[10]
	l40 := u40 * r0
	u50 := a[15]
	l50 := u50 * r0
	r1 := 1 / max(a[2]-float64(l10*u10), tiny)
	u21 := a[4] - float64(u20*l10)
	l21 := u21 * r1
	u31 := a[7] - float64(u30*l10)
	l31 := u31 * r1
	u41 := a[11] - float64(u40*l10)
	l41 := u41 * r1
	u51 := a[16] - float64(u50*l10)
	l51 := u51 * r1
	r2 := 1 / max(a[5]-float64(l20*u20)-float64(l21*u21), tiny)
	u32 := a[8] - float64(u30*l20) - float64(u31*l21)
	l32 := u32 * r2
	u42 := a[12] - float64(u40*l20) - float64(u41*l21)
	l42 := u42 * r2
	u52 := a[17] - float64(u50*l20) - float64(u51*l21)
	l52 := u52 * r2
	r3 := 1 / max(a[9]-float64(l30*u30)-float64(l31*u31)-float64(l32*u32), tiny)
	u43 := a[13] - float64(u40*l30) - float64(u41*l31) - float64(u42*l32)
	l43 := u43 * r3
	u53 := a[18] - float64(u50*l30) - float64(u51*l31) - float64(u52*l32)
	l53 := u53 * r3
	r4 := 1 / max(a[14]-float64(l40*u40)-float64(l41*u41)-float64(l42*u42)-float64(l43*u43), tiny)
	u54 := a[19] - float64(u50*l40) - float64(u51*l41) - float64(u52*l42) - float64(u53*l43)
	l54 := u54 * r4
	r5 := 1 / max(a[20]-float64(l50*u50)-float64(l51*u51)-float64(l52*u52)-float64(l53*u53)-float64(l54*u54), tiny)
	m10 := -(l10)
	m20 := -(l20 + float64(l21*m10))
	m30 := -(l30 + float64(l31*m10) + float64(l32*m20))
	m40 := -(l40 + float64(l41*m10) + float64(l42*m20) + float64(l43*m30))
	m50 := -(l50 + float64(l51*m10) + float64(l52*m20) + float64(l53*m30) + float64(l54*m40))
	m21 := -(l21)
	m31 := -(l31 + float64(l32*m21))
	m41 := -(l41 + float64(l42*m21) + float64(l43*m31))
	m51 := -(l51 + float64(l52*m21) + float64(l53*m31) + float64(l54*m41))
	m32 := -(l32)
	m42 := -(l42 + float64(l43*m32))
	m52 := -(l52 + float64(l53*m32) + float64(l54*m42))
	m43 := -(l43)
	m53 := -(l53 + float64(l54*m43))
	m54 := -(l54)
	v10 := m10 * r1
	v20 := m20 * r2
	v30 := m30 * r3
	v40 := m40 * r4
	v50 := m50 * r5
	a[0] = r0 + float64(v10*m10) + float64(v20*m20) + float64(v30*m30) + float64(v40*m40) + float64(v50*m50)
	v21 := m21 * r2
	v31 := m31 * r3
	v41 := m41 * r4
	v51 := m51 * r5
	a[1] = float64(r1*m10) + float64(v21*m20) + float64(v31*m30) + float64(v41*m40) + float64(v51*m50)
	a[2] = r1 + float64(v21*m21) + float64(v31*m31) + float64(v41*m41) + float64(v51*m51)
	v32 := m32 * r3
	v42 := m42 * r4
	v52 := m52 * r5
	a[3] = float64(r2*m20) + float64(v32*m30) + float64(v42*m40) + float64(v52*m50)
	a[4] = float64(r2*m21) + float64(v32*m31) + float64(v42*m41) + float64(v52*m51)
	a[5] = r2 + float64(v32*m32) + float64(v42*m42) + float64(v52*m52)
	v43 := m43 * r4
	v53 := m53 * r5
	a[6] = float64(r3*m30) + float64(v43*m40) + float64(v53*m50)
	a[7] = float64(r3*m31) + float64(v43*m41) + float64(v53*m51)
	a[8] = float64(r3*m32) + float64(v43*m42) + float64(v53*m52)
	a[9] = r3 + float64(v43*m43) + float64(v53*m53)
	v54 := m54 * r5
	a[10] = float64(r4*m40) + float64(v54*m50)
	a[11] = float64(r4*m41) + float64(v54*m51)
	a[12] = float64(r4*m42) + float64(v54*m52)
	a[13] = float64(r4*m43) + float64(v54*m53)
	a[14] = r4 + float64(v54*m54)
	a[15] = float64(r5 * m50)
	a[16] = float64(r5 * m51)
	a[17] = float64(r5 * m52)
	a[18] = float64(r5 * m53)
	a[19] = float64(r5 * m54)
	a[20] = r5
}

type square = [axes][axes]float64

// jacobi gives the eigenvalues of a symmetric matrix, falling, and in the
// columns of v their vectors. Mirrored rows and columns give a mirrored answer,
// bit for bit.
func jacobi(a square) (values point, v square) {
	flat := make([]float64, 0, axes*axes)
	for i := range axes {
		flat = append(flat, a[i][:]...)
	}
	w := eigen(flat, axes)
	for i := range axes {
		values[i] = flat[i*axes+i]
		copy(v[i][:], w[i*axes:])
	}
	return values, v
}

// eigen is jacobi for a symmetric n × n matrix by rows; the eigenvalues are
// left on its diagonal.
func eigen(a []float64, n int) (v []float64) {
	v = make([]float64, n*n)
	for i := range n {
		v[i*n+i] = 1
	}
	for range 30 {
		off, all := 0.0, 0.0
		for i := range n {
			all += float64(a[i*n+i] * a[i*n+i])
			for j := range i {
				off += float64(a[i*n+j] * a[i*n+j])
			}
		}
		if off <= 1e-20*all {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				turn(a, v, n, p, q)
			}
		}
	}
	for i := range n { // the largest of the rest first
		best := i
		for j := i + 1; j < n; j++ {
			if a[j*n+j] > a[best*n+best] {
				best = j
			}
		}
		a[i*n+i], a[best*n+best] = a[best*n+best], a[i*n+i]
		for k := range n {
			v[k*n+i], v[k*n+best] = v[k*n+best], v[k*n+i]
		}
	}
	return v
}

// turn makes a[p][q] zero.
func turn(a, v []float64, n, p, q int) {
	apq := a[p*n+q]
	if apq == 0 {
		return
	}
	theta := (a[q*n+q] - a[p*n+p]) / (2 * apq)
	t := 1 / (math.Abs(theta) + math.Sqrt(float64(theta*theta)+1))
	if math.Signbit(theta) {
		t = -t
	}
	c := 1 / math.Sqrt(float64(t*t)+1)
	s := t * c
	for k := range n {
		x, y := a[k*n+p], a[k*n+q]
		a[k*n+p], a[k*n+q] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
	for k := range n {
		x, y := a[p*n+k], a[q*n+k]
		a[p*n+k], a[q*n+k] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
	for k := range n {
		x, y := v[k*n+p], v[k*n+q]
		v[k*n+p], v[k*n+q] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
}

// cholesky gives the lower L of a = L L'.
func cholesky(a square) (l square) {
	for i := range axes {
		for j := 0; j <= i; j++ {
			sum := a[i][j]
			for k := range j {
				sum -= float64(l[i][k] * l[j][k])
			}
			if i == j {
				l[i][i] = math.Sqrt(max(sum, tiny))
			} else {
				l[i][j] = sum / l[j][j]
			}
		}
	}
	return l
}

// lowerInverse is the inverse of a lower triangular matrix.
func lowerInverse(l square) (inv square) {
	for j := range axes {
		inv[j][j] = 1 / l[j][j]
		for i := j + 1; i < axes; i++ {
			sum := 0.0
			for k := j; k < i; k++ {
				sum += float64(l[i][k] * inv[k][j])
			}
			inv[i][j] = -sum / l[i][i]
		}
	}
	return inv
}

func multiply(a, b square) (c square) {
	for i := range axes {
		for j := range axes {
			for k := range axes {
				c[i][j] += float64(a[i][k] * b[k][j])
			}
		}
	}
	return c
}

func transpose(a square) (b square) {
	for i := range axes {
		for j := range axes {
			b[j][i] = a[i][j]
		}
	}
	return b
}
