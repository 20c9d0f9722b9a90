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

// invertAxes replaces a packed positive definite matrix by its inverse: L L'
// with the inverse of the diagonal kept, then the inverse of L, then their
// product; the loops of invert written out, for it runs once a person.
func invertAxes(a *[pairs]float64) {
	l00 := 1 / math.Sqrt(max(a[0], tiny))
	l10 := a[1] * l00
	l11 := 1 / math.Sqrt(max(a[2]-float64(l10*l10), tiny))
	l20 := a[3] * l00
	l21 := (a[4] - float64(l20*l10)) * l11
	l22 := 1 / math.Sqrt(max(a[5]-float64(l20*l20)-float64(l21*l21), tiny))
	l30 := a[6] * l00
	l31 := (a[7] - float64(l30*l10)) * l11
	l32 := (a[8] - float64(l30*l20) - float64(l31*l21)) * l22
	l33 := 1 / math.Sqrt(max(a[9]-float64(l30*l30)-float64(l31*l31)-float64(l32*l32), tiny))
	l40 := a[10] * l00
	l41 := (a[11] - float64(l40*l10)) * l11
	l42 := (a[12] - float64(l40*l20) - float64(l41*l21)) * l22
	l43 := (a[13] - float64(l40*l30) - float64(l41*l31) - float64(l42*l32)) * l33
	l44 := 1 / math.Sqrt(max(a[14]-float64(l40*l40)-float64(l41*l41)-float64(l42*l42)-float64(l43*l43), tiny))
	l50 := a[15] * l00
	l51 := (a[16] - float64(l50*l10)) * l11
	l52 := (a[17] - float64(l50*l20) - float64(l51*l21)) * l22
	l53 := (a[18] - float64(l50*l30) - float64(l51*l31) - float64(l52*l32)) * l33
	l54 := (a[19] - float64(l50*l40) - float64(l51*l41) - float64(l52*l42) - float64(l53*l43)) * l44
	l55 := 1 / math.Sqrt(max(a[20]-float64(l50*l50)-float64(l51*l51)-float64(l52*l52)-float64(l53*l53)-float64(l54*l54), tiny))
	m10 := -(float64(l10 * l00)) * l11
	m20 := -(float64(l20*l00) + float64(l21*m10)) * l22
	m30 := -(float64(l30*l00) + float64(l31*m10) + float64(l32*m20)) * l33
	m40 := -(float64(l40*l00) + float64(l41*m10) + float64(l42*m20) + float64(l43*m30)) * l44
	m50 := -(float64(l50*l00) + float64(l51*m10) + float64(l52*m20) + float64(l53*m30) + float64(l54*m40)) * l55
	m21 := -(float64(l21 * l11)) * l22
	m31 := -(float64(l31*l11) + float64(l32*m21)) * l33
	m41 := -(float64(l41*l11) + float64(l42*m21) + float64(l43*m31)) * l44
	m51 := -(float64(l51*l11) + float64(l52*m21) + float64(l53*m31) + float64(l54*m41)) * l55
	m32 := -(float64(l32 * l22)) * l33
	m42 := -(float64(l42*l22) + float64(l43*m32)) * l44
	m52 := -(float64(l52*l22) + float64(l53*m32) + float64(l54*m42)) * l55
	m43 := -(float64(l43 * l33)) * l44
	m53 := -(float64(l53*l33) + float64(l54*m43)) * l55
	m54 := -(float64(l54 * l44)) * l55
	a[0] = float64(l00*l00) + float64(m10*m10) + float64(m20*m20) + float64(m30*m30) + float64(m40*m40) + float64(m50*m50)
	a[1] = float64(l11*m10) + float64(m21*m20) + float64(m31*m30) + float64(m41*m40) + float64(m51*m50)
	a[2] = float64(l11*l11) + float64(m21*m21) + float64(m31*m31) + float64(m41*m41) + float64(m51*m51)
	a[3] = float64(l22*m20) + float64(m32*m30) + float64(m42*m40) + float64(m52*m50)
	a[4] = float64(l22*m21) + float64(m32*m31) + float64(m42*m41) + float64(m52*m51)
	a[5] = float64(l22*l22) + float64(m32*m32) + float64(m42*m42) + float64(m52*m52)
	a[6] = float64(l33*m30) + float64(m43*m40) + float64(m53*m50)
	a[7] = float64(l33*m31) + float64(m43*m41) + float64(m53*m51)
	a[8] = float64(l33*m32) + float64(m43*m42) + float64(m53*m52)
	a[9] = float64(l33*l33) + float64(m43*m43) + float64(m53*m53)
	a[10] = float64(l44*m40) + float64(m54*m50)
	a[11] = float64(l44*m41) + float64(m54*m51)
	a[12] = float64(l44*m42) + float64(m54*m52)
	a[13] = float64(l44*m43) + float64(m54*m53)
	a[14] = float64(l44*l44) + float64(m54*m54)
	a[15] = float64(l55 * m50)
	a[16] = float64(l55 * m51)
	a[17] = float64(l55 * m52)
	a[18] = float64(l55 * m53)
	a[19] = float64(l55 * m54)
	a[20] = float64(l55 * l55)
}

type square = [axes][axes]float64

// jacobi gives the eigenvalues of a symmetric matrix, falling, and in the
// columns of v their vectors. Mirrored rows and columns give a mirrored answer,
// bit for bit.
func jacobi(a square) (values [axes]float64, v square) {
	for i := range axes {
		v[i][i] = 1
	}
	for range 30 {
		off, all := 0.0, 0.0
		for i := range axes {
			all += float64(a[i][i] * a[i][i])
			for j := range i {
				off += float64(a[i][j] * a[i][j])
			}
		}
		if off <= 1e-26*all {
			break
		}
		for p := range axes {
			for q := p + 1; q < axes; q++ {
				turn(&a, &v, p, q)
			}
		}
	}
	for i := range axes {
		values[i] = a[i][i]
	}
	for i := range axes { // selection: the larger first
		best := i
		for j := i + 1; j < axes; j++ {
			if values[j] > values[best] {
				best = j
			}
		}
		values[i], values[best] = values[best], values[i]
		for k := range axes {
			v[k][i], v[k][best] = v[k][best], v[k][i]
		}
	}
	return values, v
}

// turn makes a[p][q] zero.
func turn(a, v *square, p, q int) {
	if a[p][q] == 0 {
		return
	}
	theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := 1 / (math.Abs(theta) + math.Sqrt(float64(theta*theta)+1))
	if math.Signbit(theta) {
		t = -t
	}
	c := 1 / math.Sqrt(float64(t*t)+1)
	s := t * c
	for k := range axes {
		x, y := a[k][p], a[k][q]
		a[k][p], a[k][q] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
	for k := range axes {
		x, y := a[p][k], a[q][k]
		a[p][k], a[q][k] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
	}
	for k := range axes {
		x, y := v[k][p], v[k][q]
		v[k][p], v[k][q] = float64(c*x)-float64(s*y), float64(s*x)+float64(c*y)
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
