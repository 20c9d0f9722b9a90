package opinion

import "math"

// newModel is the start: shrunk means, and as weights the leading eigenvectors
// of the residual Gram matrix, what was not voted on counting as the mean.
func newModel(o *ordered, flip bool) *model {
	m := &model{loads: make([]loading, len(o.statements)), looks: make([]look, len(o.statements)), sums: [][]sums{make([]sums, len(o.statements))}}
	total := [4]int{}
	for _, c := range o.count {
		for code, n := range c {
			total[code] += int(n)
		}
	}
	votes := float64(max(1, total[0]+total[1]+total[2]))
	m.centre = float64(total[2]-total[0]) / votes
	loss := 0.0
	for s, c := range o.count {
		l := &m.loads[s]
		l.mean = (float64(c[2]-c[0]) + startShrink*m.centre) / float64(c[0]+c[1]+c[2]+startShrink)
		for code, n := range c[:3] {
			d := float64(code-1) - l.mean
			loss += float64(float64(n) * float64(d*d))
		}
	}
	m.noise = max(leastNoise, loss/votes)
	m.spread = startSpread
	v, values := m.leading(o, flip)
	n := float64(max(1, len(m.loads)))
	seen := votes / float64(max(1, len(o.people))) // of each person, votes
	for j := range axes {
		// The Gram matrix has the noise once for every vote, and the signal as
		// often as two votes of a person meet.
		square := (values[j]*n/votes - max(m.noise, edgeShare*values[axes-1]*n/votes)) / seen
		m.relevance[j] = 1 / max(leastStart*leastStart, min(mostStart*mostStart, square))
		size := math.Sqrt(n / m.relevance[j])
		for s := range m.loads {
			m.loads[s].noise = m.noise
			m.loads[s].weight[j] = size * v[s][j]
		}
	}
	return m
}

// edgeShare is how much of the last axis' eigenvalue counts as noise on all.
const edgeShare = 0.8

// passes is how often the start goes over all votes.
const passes = 4

// leading is the leading eigenvectors of the residual Gram matrix, by a block
// Krylov method that keeps every block. It begins with hashes of the statements'
// colours, so that it follows from the votes; flip turns those around.
func (m *model) leading(o *ordered, flip bool) (v []point, values point) {
	q, aq := make([][]point, 0, passes), make([][]point, 0, passes)
	v = make([]point, len(m.loads))
	for s := range v {
		h := o.colour[s]
		for j := range axes {
			h = mix(h + uint64(j))
			v[s][j] = float64(h>>11)/(1<<52) - 1
			if flip {
				v[s][j] = -v[s][j]
			}
		}
	}
	for range passes {
		orthonormalize(v, q)
		q = append(q, v)
		v = m.gram(o, v)
		aq = append(aq, append([]point(nil), v...))
	}
	const n = passes * axes
	h := make([]float64, n*n)
	for a := range q {
		for b := a; b < passes; b++ {
			for i := range axes {
				for j := range axes {
					x := inner(q[a], i, aq[b], j)
					h[(a*axes+i)*n+b*axes+j], h[(b*axes+j)*n+a*axes+i] = x, x
				}
			}
		}
	}
	y := eigen(h, n)
	for j := range axes {
		values[j] = h[j*n+j]
	}
	v = make([]point, len(m.loads))
	for s := range v {
		for j := range axes {
			for a := range q {
				for i := range axes {
					v[s][j] += float64(q[a][s][i] * y[(a*axes+i)*n+j])
				}
			}
		}
	}
	return v, values
}

// gram multiplies by the residual Gram matrix: one pass over the votes.
func (m *model) gram(o *ordered, v []point) []point {
	for s := range m.loads {
		for code := range 3 {
			y := float64(code-1) - m.loads[s].mean
			for j := range axes {
				m.looks[s].pull[code][j] = quantize(y*v[s][j], mostLook, lookMagic)
			}
		}
	}
	sums := m.sums[0]
	clear(sums)
	var z point
	for p := range o.people {
		row := o.row(p)
		gatherPull(row, m.looks, &z)
		for j := range axes {
			z[j] = quantize(z[j], mostSquare, sumMagic)
		}
		scatterCode(row, sums, &z)
	}
	u := make([]point, len(m.loads))
	for s := range u {
		for code := range 3 {
			y := float64(code-1) - m.loads[s].mean
			for j := range axes {
				u[s][j] += float64(y * sums[s].code[code][j])
			}
		}
	}
	return u
}

// inner is the inner product of column i of a and column j of b.
func inner(a []point, i int, b []point, j int) (sum float64) {
	for s := range a {
		sum += float64(a[s][i] * b[s][j])
	}
	return sum
}

// orthonormalize makes the columns of v orthonormal, and orthogonal to those of
// the blocks; a column that depends on the others becomes 0.
func orthonormalize(v []point, blocks [][]point) {
	for j := range axes {
		before := math.Sqrt(inner(v, j, v, j))
		for _, b := range blocks {
			for i := range axes {
				subtract(v, j, inner(v, j, b, i), b, i)
			}
		}
		for i := range j {
			subtract(v, j, inner(v, j, v, i), v, i)
		}
		length := math.Sqrt(inner(v, j, v, j))
		scale := 0.0
		if length > 1e-9*before {
			scale = 1 / length
		}
		for s := range v {
			v[s][j] *= scale
		}
	}
}

func subtract(v []point, j int, x float64, b []point, i int) {
	for s := range v {
		v[s][j] -= float64(x * b[s][i])
	}
}
